"""What several surfaces do alike; it knows no platform."""
