"""What a message of components says, as people read it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Component = Mapping[str, Any]
LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
LINE_MARKS = re.compile(r"^(?:### |-# |> |- )+", re.MULTILINE)
ESCAPED = re.compile(r"\\([\\*_~`|<>\[\]#+.-])")


def inside(components: Iterable[Component]) -> Iterator[Component]:
    """Every component, with all that it holds."""
    for each in components:
        yield each
        yield from inside(each.get("components", ()))
        yield from inside([each[name] for name in ("accessory", "component") if name in each])


def unmarked(markdown: str) -> str:
    """Markdown without its marks."""
    lines = LINE_MARKS.sub("", LINK.sub(r"\1", markdown))
    bare = re.sub(r"(?<!\\)(\*\*|`)", "", lines)
    return ESCAPED.sub(r"\1", bare).replace("\u200b", "")


def spoken(components: Iterable[Component]) -> str:
    """All words, those on buttons as well, in one line."""
    words = []
    for each in inside(components):
        words += [unmarked(each["content"])] if "content" in each else []
        words += [each["label"]] if each["type"] == 2 else []
    return " ".join(" ".join(words).split())
