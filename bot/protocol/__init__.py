"""What crosses the border between a surface and the core: events in, replies out."""
