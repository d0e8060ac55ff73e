"""Full texts from web pages, by LaTeXML at arXiv or by a publisher."""

import asyncio
from collections.abc import Sequence

from bot.domain.document import Passage
from papers.documents.isolated import Kind, read_isolated
from papers.text import clean_abstract, clean_title

_END = frozenset({"references", "bibliography", "literature cited"})
_SHORTEST = 40
"""Characters; a shorter paragraph is a label or a fragment."""


async def passages(document: bytes) -> tuple[Passage, ...]:
    """Return a page's paragraphs in order, each with the heading above it; none if it has none.

    Raises:
        Unreadable: it takes too much time or memory to parse.

    """
    found = await read_isolated(document, Kind.PAGE, "page")
    return await asyncio.to_thread(passages_in, found)


def passages_in(found: Sequence[tuple[bool, str]]) -> tuple[Passage, ...]:
    """Return the reader's paragraphs, cleaned, up to the references. The flag marks a heading."""
    kept: list[Passage] = []
    heading, ended = "", False
    for is_heading, text in found:
        if is_heading:
            heading = clean_title(text)
            ended = heading.lower().lstrip("0123456789. ") in _END
        elif not ended and len(clean := clean_abstract(text)) >= _SHORTEST:
            kept.append(Passage(clean, heading))
    return tuple(kept)
