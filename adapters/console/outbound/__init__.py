"""Writing to the terminal and to the file of messages."""
