"""A paper as a web page, as arXiv makes it with LaTeXML or a publisher does: read in a process of its own."""

import asyncio
from collections.abc import Sequence

from bot.domain.document import Passage
from papers.documents.isolated import Kind, read_isolated
from papers.text import clean_abstract, clean_title

_END = frozenset({"references", "bibliography", "literature cited"})
_SHORTEST = 40
"""Characters; what is shorter is a label or a crumb."""


async def passages(document: bytes) -> tuple[Passage, ...]:
    """Read a page's paragraphs in their order, each with the heading above it; nothing where it has none.

    Raises:
        Unreadable: it takes too much time or memory.

    """
    found = await read_isolated(document, Kind.PAGE, "page")
    return await asyncio.to_thread(passages_in, found)


def passages_in(found: Sequence[tuple[bool, str]]) -> tuple[Passage, ...]:
    """Clean what the reader found, up to the references."""
    kept: list[Passage] = []
    heading, ended = "", False
    for is_heading, text in found:
        if is_heading:
            heading = clean_title(text)
            ended = heading.lower().lstrip("0123456789. ") in _END
        elif not ended and len(clean := clean_abstract(text)) >= _SHORTEST:
            kept.append(Passage(clean, heading))
    return tuple(kept)
