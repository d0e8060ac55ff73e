"""Which words of a sentence answer a query: those that share a stem, and the nearest to each word in meaning.

`benchmarks/marks.py` measures the rules and the constants; docs/search.md has the figures.
"""

import re
from collections.abc import Sequence

from bot.domain.document import Span
from papers.vectors import Floats

NEAR = 0.25
"""Least cosine of a marked word with a word of the query."""
ALONE = 0.5
"""Least cosine of a word that is marked alone. A stray word tells the reader nothing."""

_BETWEEN = re.compile(r"[^\w.,;:()]*(?:\w+[^\w.,;:()]*)?")
"""What two marked words may have between them to become one mark: at most one word, and no clause's end."""


def marks(text: str, words: Sequence[Span], cosines: Floats, shared: Sequence[Span]) -> tuple[Span, ...]:
    """Return the marks of a sentence, in order and apart from each other.

    `cosines` has a row for each of the sentence's `words`, and a column for each word of the query. `shared`
    are the words that have a stem of the query.
    """
    near = nearest(words, cosines)
    if not shared and len(near) == 1 and cosines.max() < ALONE:
        return ()
    return joined(text, sorted({*shared, *near}))


def nearest(words: Sequence[Span], cosines: Floats) -> list[Span]:
    """Return the word that is nearest to each of the query's, if it is near."""
    if not len(words):
        return []
    chosen = ((cosines == cosines.max(axis=0)) & (cosines >= NEAR)).any(axis=1)
    return [word for word, is_chosen in zip(words, chosen, strict=True) if is_chosen]


def joined(text: str, found: Sequence[Span]) -> tuple[Span, ...]:
    """Join sorted spans that have at most one word between them."""
    spans: list[Span] = []
    for span in found:
        if spans and (span.start < spans[-1].end or _BETWEEN.fullmatch(text, spans[-1].end, span.start)):
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, span.end))
        else:
            spans.append(span)
    return tuple(spans)
