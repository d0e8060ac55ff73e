"""Foreign text made harmless for a terminal, and times as people read them."""

import codecs
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

_JOINERS = "\u200c\u200d"
"""Format characters that change letters and emoji rather than the terminal."""
_NEAREST = {
    "👍": "up",
    "👎": "down",
    "✎": "edited",
    "·": "-",
    "•": "-",
    "…": "...",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "→": "->",
    "“": '"',
    "”": '"',
    "„": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}
NEAREST = "paperclub.nearest"
"""The name of the codec error handler that writes the nearest characters an encoding has."""


def inert(text: str) -> str:
    """Give text on one line without what could steer a terminal or turn its reading direction."""
    return " ".join("".join(map(_harmless, text)).split())


def shortened(text: str, length: int) -> str:
    """Give text of at most so many characters, cut between words where that is possible."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    whole_words = head if text[length - 1] == " " else head.rpartition(" ")[0]
    return (whole_words if len(whole_words) > length // 2 else head).rstrip(" ,;:.") + "…"


def day_text(day: date) -> str:
    """Give a day: `Wed 25 Nov 2026`."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def coming_text(at: datetime, timezone: str) -> str:
    """Give a time that is near: `Wed 25 Nov, 09:00 Europe/Paris`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b, %H:%M} {timezone}"


def past_text(at: datetime, timezone: str) -> str:
    """Give a time that may be years ago: `Wed 25 Nov 2026, 09:00`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{day_text(local)}, {local:%H:%M}"


def counted(number: int, noun: str) -> str:
    """Give `1 paper` or `2 papers`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zl", "Zp"} or character in "\t\n\v\f\r\x85":
        return " "
    unwanted = category in {"Cc", "Cs"} or (category == "Cf" and character not in _JOINERS)
    return "" if unwanted else character


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(map(_nearest_to, missing)), error.end


def _nearest_to(character: str) -> str:
    if character in _NEAREST:
        return _NEAREST[character]
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or ("" if unicodedata.combining(character) else "?")


codecs.register_error(NEAREST, _nearest)
