"""What the surfaces share. Nothing in here knows a platform."""
