"""A Hugging Face Papers page saved as text: title, blank line, abstract, blank line, and so on.

A header above the papers has a call to subscribe, who chose the papers, and the day, week or month. No
identifiers are taken from abstracts: what one mentions is more often another paper than itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from bot.domain.paper import PaperDraft
from papers.formats import list_days
from papers.formats.records import BadLine, Incomplete, bad_line, draft
from papers.text import clean_title

SOURCE = "huggingface"

_HEADER_BLOCKS = 12
_CHOSEN_BY = re.compile(r"by\s*(\S.* and the research community)", re.IGNORECASE)
_HEADER = re.compile(
    r"new|subscribe|(?:daily|weekly|monthly)(?: papers)?|trending papers"
    r"|get trending papers in your e-?mail.*",
    re.IGNORECASE,
)
_LONGEST_TITLE = 300
_SURE_ABSTRACT = 200


@dataclass(frozen=True, slots=True)
class Header:
    """The header above the papers."""

    submitted_by: str | None = None
    day: str = ""
    """Or the week or month, as the page writes it."""


@dataclass(frozen=True, slots=True)
class _Block:
    number: int
    text: str


def looks_like_page(document: str) -> bool:
    """Whether a text has a title followed by an abstract."""
    _, blocks = _split_header(document)
    return any(len(below.text) >= _SURE_ABSTRACT > len(above.text) for above, below in pairwise(blocks)) or (
        header(document) != Header() and len(blocks) > 1
    )


def header(document: str) -> Header:
    """Return the header, with the day as the page writes it."""
    return _split_header(document)[0]


def read(document: str, source: str, today: date | None) -> Iterator[PaperDraft | BadLine]:
    """Yield the papers of a page, and a BadLine for a title without abstract or the reverse.

    They are listed on the page's day. One without a year is the last such day up to `today`.
    """
    above, blocks = _split_header(document)
    period = list_days.in_heading(above.day, today)
    position = 0
    while position < len(blocks):
        title, *after = blocks[position : position + 3]
        problem = _problem(title, after)
        if problem:
            yield bad_line(title.number, problem, title.text)
            position += 1
            continue
        paper = _paper(title, after[0], above, source)
        yield paper if isinstance(paper, BadLine) else list_days.with_day(paper, period)
        position += 2


def _paper(title: _Block, abstract: _Block, above: Header, source: str) -> PaperDraft | BadLine:
    try:
        paper = draft({"title": title.text, "abstract": abstract.text}, source)
    except Incomplete as missing:
        return bad_line(title.number, str(missing), title.text)
    return replace(paper, submitted_by=above.submitted_by)


def _problem(title: _Block, after: list[_Block]) -> str:
    if len(title.text) > _LONGEST_TITLE:
        return "An abstract stands here with no title above it."
    followed_by_title = (
        len(after) == 2
        and len(after[0].text) < _SURE_ABSTRACT <= len(after[1].text)
        and not after[0].text.endswith((".", "!"))
    )
    return "No abstract follows this title." if not after or followed_by_title else ""


def _split_header(document: str) -> tuple[Header, list[_Block]]:
    blocks = list(_blocks(document))
    chosen, day, end = None, "", 0
    for index, block in enumerate(blocks[:_HEADER_BLOCKS]):
        by = _CHOSEN_BY.fullmatch(block.text)
        if by:
            chosen = clean_title(by[1])
        elif list_days.is_heading(block.text):
            day = block.text
        elif not _HEADER.fullmatch(block.text):
            break
        end = index + 1
    return Header(chosen, day), blocks[end:]


def _blocks(document: str) -> Iterator[_Block]:
    start, lines = 0, list[str]()
    for number, line in enumerate([*document.splitlines(), ""], start=1):
        if line.strip():
            start = start if lines else number
            lines.append(line.strip())
        elif lines:
            yield _Block(start, "\n".join(lines))
            lines = []
