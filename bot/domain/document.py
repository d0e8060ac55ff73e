"""A paper's full text, and quotes from it."""

from dataclasses import dataclass
from typing import NamedTuple


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
    """A paper's full text, and the address that it was fetched from."""

    passages: tuple[Passage, ...]
    link: str
