"""Fitting and marking text: what is the same whatever a platform's own syntax is."""

import re
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from bot.protocol.marked import Piece, quote
from bot.protocol.replies import Hit
from bot.protocol.wording import cleaned, shortened

Escape = Callable[[str], str]
_CODE = re.compile(r"(?<!\w)`([^`\s](?:[^`]*[^`\s])?)`(?!\w)")


def fitted(text: str, length: int, escape: Escape) -> str:
    """Shorten text so that it has at most `length` characters once escaped; `length` is 20 or more."""
    clean = cleaned(text)
    return _made_to_fit(lambda room: escape(shortened(clean, room)), length)


def fitted_quote(hit: Hit, length: int, escape: Escape, mark: Escape, seam: str = "") -> str:
    """Escape the sentence that matched, with its marks, as `fitted` does. It is empty where there is none.

    `mark` formats an escaped text. `seam` stands between it and a character beside it that is no space.
    """
    sentence = hit.sentence
    if not sentence:
        return ""

    def drawn(room: int) -> str:
        return _joined(quote(sentence, hit.marks, room), escape, mark, seam)

    return _made_to_fit(drawn, length)


def _made_to_fit(drawn: Callable[[int], str], length: int) -> str:
    """Give a text less room until it is no longer than this, as escaping makes it longer."""
    room = length
    while len(result := drawn(room)) > length and room > 1:
        room = max(1, min(room - 1, room * length // len(result)))
    return result


def _joined(pieces: Sequence[Piece], escape: Escape, mark: Escape, seam: str) -> str:
    texts = [
        _escape_inside(text, (lambda inside: mark(escape(inside))) if marked and text.strip() else escape)
        for text, marked in pieces
    ]
    for place, (before, behind) in enumerate(pairwise(pieces)):
        if not before.text[-1].isspace() and not behind.text[0].isspace():
            texts[place] += seam
    return "".join(texts)


def prose(text: str, commands: Collection[str], *, escape: Escape, code: Escape, command: Escape) -> str:
    """Escape sentences, and format what stands between backticks as code or, by its first word, a command."""
    parts = _CODE.split(cleaned(text))
    return "".join(
        (command if part.partition(" ")[0] in commands else code)(part)
        if index % 2
        else _escape_inside(part, escape)
        for index, part in enumerate(parts)
    )


def web_address(address: str | None, safe: str) -> str | None:
    """Percent-encode an http(s) address, all but the characters in `safe`; None for any other address."""
    try:
        parts = urlsplit(cleaned(address or ""))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    return percent_encoded(parts.geturl(), safe=safe)


def _escape_inside(part: str, escape: Escape) -> str:
    """Escape a part of a text. `escape` strips the spaces at its ends, so put them back."""
    before = " " if part.startswith(" ") else ""
    after = " " if part.endswith(" ") and part.strip() else ""
    return f"{before}{escape(part)}{after}"
