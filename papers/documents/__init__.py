"""Full texts: fetched and parsed when somebody asks, and not stored."""
