"""The commands, one file each, and the table of them all."""
