"""Places that papers come from."""
