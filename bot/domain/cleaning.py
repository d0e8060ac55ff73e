"""Cleans foreign text: removes invisible characters and those that a database or terminal would obey.

Each entrance calls `clean` once: `Bot.receive` for events, the paper library for sources and files, and a
surface for its platform's payloads.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

T = TypeVar("T")

DEEPEST = 64
"""Deepest nesting of a payload. Platforms stay far below it, and Python's recursion limit is far above."""

_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
r"""Every line end that `str.splitlines` knows, other than `\n`."""
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_UNDRAWN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point, without joiners and emoji variation selectors."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls: PostgreSQL refuses the first, and terminals obey the others
    "\ud800-\udfff"  # lone surrogates, which no encoding can write
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of reading direction
    f"{_NONCHARACTERS}{_UNDRAWN}]"
    # Joiners change letters and emoji; beside Latin letters they only make one word look like another.
    "|[\u200c\u200d](?:(?![^\x00-\u024f])|(?<![^\x00-\u024f].))"
)


def clean_text(text: str) -> str:
    r"""Return the text without invisible characters, and with `\n` as its only line end."""
    if text.isascii() and text.isprintable():
        return text
    while (cleaner := _UNSEEN.sub("", _LINE_END.sub("\n", text))) != text:
        text = cleaner  # again: a joiner may have lost the letter that it was kept for
    return text


def clean(value: T) -> T:
    """Clean all text in a dataclass or a JSON value. A clean value is returned unchanged.

    Values nested deeper than `DEEPEST` become None.
    """
    return cast("T", _clean(value, DEEPEST))


def _clean(value: Any, depth: int) -> Any:
    if type(value) is str:  # an enum's member is a string too, and ours
        return clean_text(value)
    if isinstance(value, Mapping | list | tuple | frozenset) or is_dataclass(value):
        return _clean_parts(value, depth - 1) if depth else None
    return value


def _clean_parts(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {_clean(key, depth): _clean(part, depth) for key, part in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return type(value)(_clean(part, depth) for part in value)
    before = {field.name: getattr(value, field.name) for field in fields(value)}
    after = {name: _clean(part, depth) for name, part in before.items()}
    return value if after == before else replace(value, **after)
