"""What comes from programs."""
