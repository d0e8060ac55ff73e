"""Foreign text made harmless on its way in: without what nobody sees and what a database or terminal obeys.

The borders call `clean` once each: `Bot.receive` for what people do, the paper library for what sources and
files tell, a surface for its platform's payloads.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

T = TypeVar("T")

DEEPEST = 64
"""How far values may be nested: platforms stay far below, and Python's stack ends far above."""

_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
r"""What `str.splitlines` takes for the end of a line, beside `\n`."""
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_UNDRAWN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point, but for joiners and the selectors that make a sign an emoji."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls: PostgreSQL refuses the first, and terminals obey the others
    "\ud800-\udfff"  # lone surrogates, which no encoding can write
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of reading direction
    f"{_NONCHARACTERS}{_UNDRAWN}]"
    # Joiners change letters and emoji; beside Latin letters they only make one word look like another.
    "|[\u200c\u200d](?:(?![^\x00-\u024f])|(?<![^\x00-\u024f].))"
)


def clean_text(text: str) -> str:
    r"""Give text without unseen characters; its lines end with `\n` alone, and its spaces and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    while (cleaner := _UNSEEN.sub("", _LINE_END.sub("\n", text))) != text:
        text = cleaner  # a joiner may have lost the letter that it was kept for
    return text


def clean(value: T) -> T:
    """Clean all text in a value: a dataclass, or what JSON can hold. What is clean comes back as it is.

    What is nested deeper than `DEEPEST` becomes None.
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
