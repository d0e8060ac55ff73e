"""Output to the terminal and to the message file."""
