"""Text for terminals whose encoding lacks some characters."""

import codecs
import unicodedata

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
"""The codec error handler that replaces a character by the nearest ones in ASCII."""


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
