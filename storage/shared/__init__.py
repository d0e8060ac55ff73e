"""What processes share: over Redis, or inside one process."""
