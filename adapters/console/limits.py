"""What the console keeps to, as named figures."""

WIDEST = 100
"""Columns that are drawn on at most; longer lines tire the eye."""
RECORD_WIDTH = 80
"""Columns of the plain text that the message record keeps."""
PICTURE_WIDTH = 90
"""Columns of a picture, so that it can be read beside text."""
TITLE_IN_BRIEF = 50
"""Characters of a title in the one line that tells of a changed tally."""
NAME_LENGTH = 32
"""Characters of a person's or channel's name."""
TEXT_LENGTH = 2000
"""Characters of what a person writes in a thread."""
