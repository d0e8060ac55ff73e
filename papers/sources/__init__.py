"""Paper sources, one file each."""
