"""Full texts from PDFs."""

import asyncio
import re

from bot.domain.document import Passage
from papers.documents.isolated import Kind, read_isolated
from papers.text import clean_abstract

_END = re.compile(r"^[ \t]*(?:\d+\.?[ \t]*)?(?:references|bibliography)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_AFTER_END = re.compile(
    r"^[ \t]*(?:appendix|appendices|supplementary material)\b.*$", re.IGNORECASE | re.MULTILINE
)


async def passages(document: bytes) -> tuple[Passage, ...]:
    """Return one passage for each page of a PDF, without its references.

    Raises:
        Unreadable: it is no PDF, damaged, locked, or takes too much time or memory.

    """
    pages: list[str] = await read_isolated(document, Kind.PDF, "PDF")
    return await asyncio.to_thread(_cleaned, pages)


def _cleaned(pages: list[str]) -> tuple[Passage, ...]:
    found: list[Passage] = []
    ended = False
    for number, text in enumerate(pages, start=1):
        body, ended = _without_references(text, ended=ended)
        clean = clean_abstract(body)
        if clean:
            found.append(Passage(clean, f"page {number}"))
    return tuple(found)


def _without_references(text: str, *, ended: bool) -> tuple[str, bool]:
    """Return a page without its references, and whether they continue on the next page."""
    if not ended:
        end = _END.search(text)
        if end is None:
            return text, False
        rest, continues = _without_references(text[end.end() :], ended=True)
        return f"{text[: end.start()]}\n{rest}", continues
    after = _AFTER_END.search(text)
    return (text[after.start() :], False) if after else ("", True)
