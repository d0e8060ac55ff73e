"""A paper's full text, and quotes from it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, word for word, with its place: `number` from 1 up to `of`.

    It counts the abstract's sentences, or those of the part of the full text that `where` names.
    """

    text: str
    number: int
    of: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a paper's full text, and the heading or the page that it stands under."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Document:
    """A paper's full text, and the address that it was read at."""

    passages: tuple[Passage, ...]
    link: str
