from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.text import NEAREST, coming_text, counted, day_text, inert, past_text, shortened


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\x07\x00\x9bb", "ab"),
        ("one\ntwo\r\n\tthree\u2028four", "one two three four"),
        ("half \ud800 pair", "half pair"),
        ("\ufeffmark\u200b", "mark"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_foreign_text_cannot_steer_the_terminal(raw, clean):
    assert inert(raw) == clean


@given(st.text())
def test_inert_text_is_printable_on_one_line(raw):
    clean = inert(raw)
    assert inert(clean) == clean
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in clean)
    clean.encode()


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("cut between words, please", 19, "cut between words…"),
        ("unbreakablelongword", 8, "unbreak…"),
    ],
)
def test_shortening(text, length, short):
    assert shortened(text, length) == short
    assert len(short) <= length


def test_times_are_told_where_the_reader_is():
    at = datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert coming_text(at, "Europe/Paris") == "Wed 25 Nov, 09:00 Europe/Paris"
    assert past_text(at, "Asia/Tokyo") == "Wed 25 Nov 2026, 17:00"
    assert day_text(date(2026, 11, 5)) == "Thu 5 Nov 2026"


def test_counting():
    assert [counted(number, "paper") for number in (0, 1, 2)] == ["0 papers", "1 paper", "2 papers"]


def test_other_encodings_get_the_nearest_characters():
    drawn = "👍 2 · “Schrödinger\N{EN DASH}Łódź” … ✎ 日本"
    assert drawn.encode("ascii", NEAREST) == b'up 2 - "Schrodinger-?odz" ... edited ??'
    assert "é".encode("latin-1", NEAREST) == b"\xe9"
