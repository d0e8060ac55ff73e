"""Papers' full texts: fetched when somebody asks, read, and kept nowhere."""
