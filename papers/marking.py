"""Which words of a sentence answer a query: those that share a stem, and those near to its words in meaning.

`benchmarks/marks.py` measures the rules and the constants; docs/search.md has the figures.
"""

import re
from collections.abc import Sequence

from bot.domain.document import Span
from papers.vectors import Floats

SURE = 0.5
"""A sentence with a word so near to one of the query's, or with one of its stems, is about the query."""
NEAR, NEAR_IF_SURE = 0.25, 0.1
"""Least cosine of a marked word with one of the query, in any sentence and in one about the query."""
BESIDE = 0.2
"""Least cosine of a word that is marked because the word beside it is, as in “taken at night”."""

_NOTHING_BETWEEN = re.compile(r"[^\w.,;:()]*")
_BETWEEN = re.compile(r"[^\w.,;:()]*(?:\w+[^\w.,;:()]*)?")
"""What two marked words may have between them to become one mark: at most one word, and no clause's end."""


def marks(text: str, words: Sequence[Span], cosines: Floats, shared: Sequence[Span]) -> tuple[Span, ...]:
    """Return the marks of a sentence, in order and apart from each other.

    `cosines` has a row for each of the sentence's `words`, and a column for each word of the query. `shared`
    are the words that have a stem of the query.
    """
    sure = bool(shared) or bool(cosines.max(initial=0) >= SURE)
    near = nearest(cosines, NEAR_IF_SURE if sure else NEAR)
    if not sure and len(near) == 1:
        # A stray word tells the reader nothing.
        return ()
    if sure and not shared:
        near = _with_neighbours(text, words, cosines, near)
    return joined(text, sorted({*shared, *(words[row] for row in near)}))


def nearest(cosines: Floats, least: float) -> set[int]:
    """Return the row of the word that is nearest to each of the query's, if it is near."""
    if not len(cosines):
        return set()
    chosen = ((cosines == cosines.max(axis=0)) & (cosines >= least)).any(axis=1)
    return set(chosen.nonzero()[0].tolist())


def _with_neighbours(text: str, words: Sequence[Span], cosines: Floats, near: set[int]) -> set[int]:
    """Add the words beside marked ones that have to do with the query as well, and those beside them."""
    found, new = set(near), list(near)
    while new:
        row = new.pop()
        for other in (row - 1, row + 1):
            if other in found or not 0 <= other < len(words) or cosines[other].max() < BESIDE:
                continue
            first, second = sorted((words[row], words[other]))
            if _NOTHING_BETWEEN.fullmatch(text, first.end, second.start):
                found.add(other)
                new.append(other)
    return found


def joined(text: str, found: Sequence[Span]) -> tuple[Span, ...]:
    """Join sorted spans that have at most one word between them."""
    spans: list[Span] = []
    for span in found:
        if spans and (span.start < spans[-1].end or _BETWEEN.fullmatch(text, spans[-1].end, span.start)):
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, span.end))
        else:
            spans.append(span)
    return tuple(spans)
