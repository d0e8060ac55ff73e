"""What comes from agents."""
