"""What processes share: Redis, or in process."""
