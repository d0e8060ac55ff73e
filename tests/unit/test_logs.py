"""The log is one line a record, whatever foreign text is in it."""

import logging
import sys

from app.logs import OneLineFormatter

FORGED = "Ann\n2026-11-30 07:00:00 INFO app.serve: Stopping\r\x1b[2J\x1b]0;x\x07\u202e"


def written(message: str, *arguments: object, exc_info: object = None) -> list[str]:
    record = logging.LogRecord(
        "bot.conversation.dispatcher", logging.WARNING, __file__, 1, message, arguments, exc_info
    )
    return OneLineFormatter("%(levelname)s %(name)s: %(message)s").format(record).split("\n")


def test_a_name_neither_begins_a_record_nor_moves_the_cursor():
    assert written("%s has joined", FORGED) == [
        (
            "WARNING bot.conversation.dispatcher: "
            "Ann 2026-11-30 07:00:00 INFO app.serve: Stopping [2J]0;x has joined"
        )
    ]


def test_a_traceback_is_marked_as_no_record():
    try:
        int(FORGED)
    except ValueError:
        first, *others = written("Reference 1f: it failed", exc_info=sys.exc_info())
    assert first == "WARNING bot.conversation.dispatcher: Reference 1f: it failed"
    assert all(line.startswith("    ") for line in others)
    assert any("Stopping" in line for line in others)
    assert "\x1b" not in "".join(others)
    assert "\r" not in "".join(others)
