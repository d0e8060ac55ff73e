"""Files of papers. `files.read` detects the format and reads any of them."""
