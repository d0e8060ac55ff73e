"""What comes in by itself or by name: feeds, look-ups and links."""
