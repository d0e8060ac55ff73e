"""Splits a full text into sentences that know their place, and into pieces to encode."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.document import Document, Passage, Quote
from papers.text import sentences

WORDS_A_PIECE = 150
"""Most words in a piece, so that it fits into the model's window."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some consecutive sentences, and the quote of each."""

    text: str
    quotes: tuple[Quote, ...]


def pieces(document: Document) -> list[Piece]:
    """Return the pieces of a text. Its sentences are numbered under each heading or page."""
    cut = [(passage.where, text, sentences(text)) for passage in document.passages for text in _cut(passage)]
    total = Counter[str]()
    for where, _, found in cut:
        total[where] += len(found)
    seen = Counter[str]()
    result = []
    for where, text, found in cut:
        first = seen[where] + 1
        seen[where] += len(found)
        quotes = (Quote(each, first + index, total[where], where) for index, each in enumerate(found))
        result.append(Piece(text, tuple(quotes)))
    return result


def _cut(passage: Passage) -> Iterator[str]:
    """Yield a passage in texts of at most `WORDS_A_PIECE` words, split between sentences."""
    current: list[str] = []
    for sentence in sentences(passage.text):
        if current and _words([*current, sentence]) > WORDS_A_PIECE:
            yield " ".join(current)
            current = []
        current.append(sentence)
    if current:
        yield " ".join(current)


def _words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)
