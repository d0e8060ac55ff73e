"""A paper as a PDF, read in a process of its own."""

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
    """Read a PDF page by page, but for its references.

    Raises:
        Unreadable: it is none, it is damaged or locked, or it took too long.

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
    """Cut a page's references out; whether the next page goes on with them."""
    if not ended:
        end = _END.search(text)
        if end is None:
            return text, False
        rest, goes_on = _without_references(text[end.end() :], ended=True)
        return f"{text[: end.start()]}\n{rest}", goes_on
    after = _AFTER_END.search(text)
    return (text[after.start() :], False) if after else ("", True)
