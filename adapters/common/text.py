"""Fitting and marking text: what is the same whatever a platform's own syntax is."""

import re
from collections.abc import Callable, Collection
from urllib.parse import quote, urlsplit

from bot.protocol.wording import cleaned, shortened

Escape = Callable[[str], str]
_CODE = re.compile(r"(?<!\w)`([^`\s](?:[^`]*[^`\s])?)`(?!\w)")


def fitted(text: str, length: int, escape: Escape) -> str:
    """Shorten text so that it has at most `length` characters once escaped; `length` is 20 or more.

    Escaping makes text longer, so the room is reduced until the result fits.
    """
    clean, room = cleaned(text), length
    while len(result := escape(shortened(clean, room))) > length and room > 1:
        room = max(1, min(room - 1, room * length // len(result)))
    return result


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
    return quote(parts.geturl(), safe=safe)


def _escape_inside(part: str, escape: Escape) -> str:
    """Escape text between two pieces of code. `escape` strips the spaces beside them, so put them back."""
    before = " " if part.startswith(" ") else ""
    after = " " if part.endswith(" ") and part.strip() else ""
    return f"{before}{escape(part)}{after}"
