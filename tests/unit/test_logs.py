"""The log is one line a record, whatever foreign text is in it."""

import json
import logging
import sys

from app.logs import TEXT, JsonFormatter, LogFormat, OneLineFormatter, write_log_as
from bot.protocol.request_id import request

FORGED = "Ann\n2026-11-30 07:00:00 INFO app.serve: Stopping\r\x1b[2J\x1b]0;x\x07\u202e"


def written(
    message: str,
    *arguments: object,
    exc_info: object = None,
    form: str = "%(levelname)s %(name)s: %(message)s",
) -> list[str]:
    record = logging.LogRecord(
        "bot.conversation.dispatcher", logging.WARNING, __file__, 1, message, arguments, exc_info
    )
    return OneLineFormatter(form).format(record).split("\n")


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


def as_json(*, exc_info: object = None) -> dict[str, str]:
    record = logging.LogRecord(
        "app.serve", logging.ERROR, __file__, 1, "Reference 1f2e3d4c: %s", (FORGED,), exc_info
    )
    record.created = 1_790_000_000.25
    (line,) = JsonFormatter().format(record).split("\n")
    assert line.isascii()
    return json.loads(line)


def test_json_is_one_object_a_line_whatever_is_in_it():
    assert as_json() == {
        "time": "2026-09-21T14:13:20.250+00:00",
        "level": "ERROR",
        "logger": "app.serve",
        "message": "Reference 1f2e3d4c: Ann 2026-11-30 07:00:00 INFO app.serve: Stopping [2J]0;x",
        "reference": "1f2e3d4c",
    }


def test_json_holds_the_whole_traceback():
    try:
        int(FORGED)
    except ValueError:
        told = as_json(exc_info=sys.exc_info())["exception"].split("\n")
    assert told[0] == "Traceback (most recent call last):"
    assert told[-1].startswith("ValueError: invalid literal")
    assert "\x1b" not in "".join(told)


def test_both_formats_have_the_request_on_each_line():
    with request() as current:
        assert as_json()["request_id"] == current
        assert written("Seen", form=TEXT)[0].endswith(f"bot.conversation.dispatcher [{current}]: Seen")
    assert "request_id" not in as_json()
    assert written("Seen", form=TEXT)[0].endswith("bot.conversation.dispatcher: Seen")


def test_another_programs_log_is_left_alone(monkeypatch):
    theirs, ours = logging.StreamHandler(), logging.StreamHandler()
    theirs.setFormatter(logging.Formatter("%(message)s"))
    ours.setFormatter(OneLineFormatter(TEXT))
    monkeypatch.setattr(logging.getLogger(), "handlers", [theirs, ours])
    write_log_as(LogFormat.JSON)
    assert type(theirs.formatter) is logging.Formatter
    assert isinstance(ours.formatter, JsonFormatter)
    write_log_as(LogFormat.TEXT)
    assert not isinstance(ours.formatter, JsonFormatter)
