"""The console's limits."""

WIDEST = 100
"""Columns that are used at most, as longer lines are hard to read."""
RECORD_WIDTH = 80
"""Columns of the plain text in the message file."""
PICTURE_WIDTH = 90
"""Columns of a picture: few enough to be legible beside text."""
TITLE_IN_ONE_LINE = 50
"""Characters of a title in the one line about a changed tally."""
NAME_LENGTH = 32
"""Characters of a person's or channel's name."""
TEXT_LENGTH = 2000
"""Characters of a message that a person writes."""
