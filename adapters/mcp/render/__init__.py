"""What goes to agents."""
