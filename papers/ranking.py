"""The order of what a search has found: by words and cosine first, then by single words' vectors as well.

Sums of BM25's shares and cosines beat reciprocal rank fusion, as in Bruch, Gai and Ingber (2023). The weights
were chosen in training; docs/search.md has the figures.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from papers.vectors import Floats

Ids: TypeAlias = NDArray[np.int64]

NEAR = 0.3
"""Least cosine of a paper with none of the query's words. A nonsense query stays below it everywhere."""
DEPTH = 100
"""How many of the best papers are compared by their words' vectors."""
COSINE = 3.5
"""What a cosine weighs beside BM25 as a share of the best paper's, where the best papers are found.

From 3.5 on, these hold as many of the right papers as rank fusion's, on each collection that was measured.
"""
RERANKED_COSINE, WORDS = 1.5, 3.0
"""What the cosine and the words' cosines weigh where these papers are ranked once more.

BM25 counts more here: the papers that only the cosine can find are among them already.
"""
FOREIGN_COSINE = 0.1
"""What a cosine weighs where the encoder does not know the query's letters: it orders equals alone."""


class Candidates:
    """Papers that were found, with what they are ranked by.

    `words` has the BM25 score of each that has one of the query's words. `cosines` may lack papers: those
    without a vector yet count as near as the others do on average.
    """

    def __init__(self, words: Mapping[int, float], cosines: Mapping[int, float]) -> None:
        near = [paper_id for paper_id, cosine in cosines.items() if cosine >= NEAR and paper_id not in words]
        self._ids: Ids = np.array([*words, *near], np.int64)
        best = max(words.values(), default=0.0) or 1.0
        self._shares = _floats([score / best for score in words.values()] + [0.0] * len(near))
        self._cosines = _filled(_floats([cosines.get(each, np.nan) for each in self._ids.tolist()]))

    def by_words(self) -> list[tuple[int, float]]:
        """Rank them by their words, for a query in letters that the encoder does not know."""
        scores = _between_0_and_1((self._shares + FOREIGN_COSINE * self._cosines) / (1 + FOREIGN_COSINE))
        return self._hits(self._order(scores), scores)

    def ranked(self, word_scores: Callable[[list[int]], Floats] | None) -> list[tuple[int, float]]:
        """Rank them, best first, with scores from 0 to 1.

        `word_scores` compares papers by their words' vectors, NaN for those that have none; None leaves this
        stage out.
        """
        scores = _between_0_and_1((self._shares + COSINE * self._cosines) / (1 + COSINE))
        order = self._order(scores)
        if word_scores is None:
            return self._hits(order, scores)
        best = order[:DEPTH]
        words = _filled(word_scores(self._ids[best].tolist()))
        total = self._shares[best] + RERANKED_COSINE * self._cosines[best] + WORDS * words
        again = _between_0_and_1(total / (1 + RERANKED_COSINE + WORDS))
        # The others stay behind, whatever their scores were.
        scores = np.minimum(scores, again.min(initial=1))
        scores[best] = again
        return self._hits(np.concatenate([best[self._order(again, best)], order[DEPTH:]]), scores)

    def _order(self, scores: Floats, among: Ids | None = None) -> Ids:
        ids = self._ids if among is None else self._ids[among]
        return np.lexsort((ids, -scores))

    def _hits(self, order: Ids, scores: Floats) -> list[tuple[int, float]]:
        return list(zip(self._ids[order].tolist(), scores[order].tolist(), strict=True))


def _filled(values: Floats) -> Floats:
    """Replace what is missing by the mean of the others, or by zero if all are."""
    missing = np.isnan(values)
    if missing.any():
        values = np.where(missing, 0 if missing.all() else values[~missing].mean(), values)
    return values


def _between_0_and_1(scores: NDArray[np.floating]) -> Floats:
    clipped: Floats = np.clip(scores, 0, 1).astype(np.float32)
    return clipped


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, np.float32)
