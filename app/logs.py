"""The log. Each record is one line of text or of JSON, whatever foreign text is in it."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from textwrap import dedent
from typing import Any

from bot.protocol.request_id import request_id
from bot.protocol.wording import cleaned

TEXT = "%(asctime)s %(levelname)s %(name)s%(request)s: %(message)s"
_REFERENCE = re.compile(r"\bReference ([0-9a-f]{8})\b", re.IGNORECASE)


class LogFormat(StrEnum):
    """How records are written."""

    TEXT = "text"
    JSON = "json"


class OneLineFormatter(logging.Formatter):
    """Keeps each message on one line, and indents the lines of a traceback below it.

    So a name, a title or a platform's answer can't forge a record in the log or move a terminal's cursor.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Format a record without its traceback. `%(request)s` is the id of the request, if there is one."""
        current = request_id()
        record.request = f" [{current}]" if current else ""
        return cleaned(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Format a traceback. Its last line often quotes text from outside, so each line is cleaned."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"    {_indent(line)}{cleaned(line)}" for line in lines)


class JsonFormatter(OneLineFormatter):
    """Writes each record as one JSON object on one line, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record. What it does not have is left out."""
        message = cleaned(record.getMessage())
        reference = _REFERENCE.search(message)
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
            "request_id": request_id(),
            "reference": reference[1] if reference else "",
            "exception": dedent(self.formatException(record.exc_info)) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in fields.items() if value})


def log_to_stderr(level: int) -> None:
    """Log records of this level and above. If logging is set up already, this changes only the level."""
    if not logging.getLogger().handlers:
        write_log_as(LogFormat.TEXT)
    logging.getLogger().setLevel(level)


def write_log_as(log_format: LogFormat) -> None:
    """Write records to standard error in this format. A log that somebody else has set up is left alone."""
    formatter = JsonFormatter() if log_format is LogFormat.JSON else OneLineFormatter(TEXT)
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
        root.handlers[0].setFormatter(formatter)
    for handler in root.handlers:
        if isinstance(handler.formatter, OneLineFormatter):
            handler.setFormatter(formatter)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]
