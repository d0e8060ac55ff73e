"""Cuts the sentence of a search result into pieces with and without marks, as every surface renders it."""

from collections.abc import Iterable
from typing import NamedTuple

from bot.domain.document import Span
from bot.protocol.wording import cleaned, quoted, shortened


class Piece(NamedTuple):
    """A part of a sentence, never empty."""

    text: str
    marked: bool = False


def quote(sentence: str, marks: Iterable[Span], length: int | None = None) -> list[Piece]:
    """Return a clean sentence in quotation marks, in pieces with at most `length` characters together."""
    whole = quoted(cleaned(sentence))
    moved = [Span(start + 1, end + 1) for start, end in _moved(sentence, marks)]
    if length is None or len(whole) <= length:
        return pieces(whole, moved)
    short = shortened(whole, length)
    last = len(short) - len("…")
    return pieces(short, [Span(min(start, last), min(end, last)) for start, end in moved])


def clean_pieces(sentence: str, marks: Iterable[Span]) -> list[Piece]:
    """Return a clean sentence in pieces."""
    return pieces(cleaned(sentence), _moved(sentence, marks))


def pieces(text: str, marks: Iterable[Span]) -> list[Piece]:
    """Cut a text at its marks. The pieces put together are the text.

    Marks may touch and overlap, and what is beyond the text is ignored.
    """
    found: list[Piece] = []
    at = 0
    for start, end in _apart(marks):
        found += [Piece(text[at:start]), Piece(text[start:end], marked=True)]
        at = end
    return [piece for piece in [*found, Piece(text[at:])] if piece.text]


def _apart(marks: Iterable[Span]) -> list[Span]:
    """Return marks in order, those that touch or overlap as one."""
    found: list[Span] = []
    for start, end in sorted(marks):
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, end))
        elif start < end:
            found.append(Span(start, end))
    return found


def _moved(sentence: str, marks: Iterable[Span]) -> list[Span]:
    """Return the marks of the clean sentence."""
    # A mark's first character is counted with what is before it, so that a space between the two counts.
    return [
        Span(max(0, len(cleaned(sentence[: start + 1])) - 1), len(cleaned(sentence[:end])))
        for start, end in marks
        if start < len(sentence)
    ]
