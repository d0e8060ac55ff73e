"""What goes to programs."""
