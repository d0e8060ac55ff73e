"""What readers ask for."""
