"""A full text in sentences, each with its place."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.document import Document, Passage, Quote
from papers.text import sentences

WORDS_A_PIECE = 150
"""So many words of sentences on end are encoded together: they fit the model's window."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A few sentences on end, and where they stand."""

    text: str
    quotes: tuple[Quote, ...]


def pieces(document: Document) -> list[Piece]:
    """Cut a text into pieces, its sentences numbered under each heading or page."""
    cut = [(passage.where, text, sentences(text)) for passage in document.passages for text in _cut(passage)]
    of = Counter[str]()
    for where, _, found in cut:
        of[where] += len(found)
    seen = Counter[str]()
    result = []
    for where, text, found in cut:
        first = seen[where] + 1
        seen[where] += len(found)
        quotes = (Quote(each, first + place, of[where], where) for place, each in enumerate(found))
        result.append(Piece(text, tuple(quotes)))
    return result


def _cut(passage: Passage) -> Iterator[str]:
    """Cut a passage between sentences, into texts of so many words at most."""
    held: list[str] = []
    for sentence in sentences(passage.text):
        if held and _words([*held, sentence]) > WORDS_A_PIECE:
            yield " ".join(held)
            held = []
        held.append(sentence)
    if held:
        yield " ".join(held)


def _words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)
