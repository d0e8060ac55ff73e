"""The log: a line for each record, whatever foreign text is in it."""

import logging
import sys
from typing import Any

from bot.protocol.wording import cleaned


class OneLineFormatter(logging.Formatter):
    """Keeps a message on its line, and marks each line of a traceback as none of its own.

    Names, titles and the answers of platforms can neither begin a record that nobody wrote nor move a
    terminal's cursor.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Write a record without its traceback."""
        return cleaned(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Write a traceback, whose last line often quotes what came from outside."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"    {_indent(line)}{cleaned(line)}" for line in lines)


def log_to_stderr(level: int) -> None:
    """Write down records from a level on. Where a log has been set up before, only its level changes."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger().setLevel(level)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]
