"""A paper's full text, and quotes from it."""

from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.paper import Paper


class Span(NamedTuple):
    """A part of a text: its first character, and the one behind its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim sentence: number `number` (from 1) of `of` sentences.

    They are those of the abstract, or of the part of the full text that `where` names.
    """

    text: str
    number: int
    of: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a paper's full text, and its heading or page."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Document:
    """A paper's full text or abstract, and the address where people can read it; empty if none is known."""

    passages: tuple[Passage, ...]
    link: str


def abstract_of(paper: Paper) -> Document:
    """Return a paper's abstract as a text without headings."""
    return Document((Passage(paper.abstract, ""),), paper.link or "")
