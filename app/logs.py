"""The log. Each record is one line, whatever foreign text is in it."""

import logging
import sys
from typing import Any

from bot.protocol.wording import cleaned


class OneLineFormatter(logging.Formatter):
    """Keeps each message on one line, and indents the lines of a traceback below it.

    So a name, a title or a platform's answer can't forge a record in the log or move a terminal's cursor.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Format a record without its traceback."""
        return cleaned(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Format a traceback. Its last line often quotes text from outside, so each line is cleaned."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"    {_indent(line)}{cleaned(line)}" for line in lines)


def log_to_stderr(level: int) -> None:
    """Log records of this level and above. If logging is set up already, this changes only the level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger().setLevel(level)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]
