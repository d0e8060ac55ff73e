"""Finding papers by meaning and by word together."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from operator import itemgetter

from bot.domain.paper import Match
from bot.ports.search import Embedder, FullText, VectorIndex
from papers.relevance import THRESHOLD, relevance
from papers.vectors import nearest_sentences

DEPTH = 100
"""At least so many of each list are put together."""
NEAR = 0.3
"""A paper with none of the query's words must be at least so near: no query is nearer to all papers."""
QUOTED = 20
"""For so many of the best the sentence that matched is looked for."""

Hits = Sequence[tuple[int, float]]
_SCORE = itemgetter(1)


class HybridSearch:
    """Search over a full-text index and a vector index that a library keeps filled."""

    def __init__(self, embedder: Embedder, full_text: FullText, vectors: VectorIndex) -> None:
        self._embedder = embedder
        self._full_text = full_text
        self._vectors = vectors

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """The best matches for a query among the allowed papers (None: all), best first.

        A query that has nothing to do with any of them matches none.
        """
        depth = max(DEPTH, 2 * limit)
        # One after the other: side by side they only take the processor from each other.
        by_word = await self._full_text.search(query, depth, allowed, team_id)
        (vector,) = await self._embedder.queries([query])
        by_meaning = await self._vectors.nearest(vector, depth, allowed, team_id)
        worded = {paper_id for paper_id, _ in by_word}
        unseen = worded.difference(paper_id for paper_id, _ in by_meaning)
        by_meaning = [
            *((paper_id, cosine) for paper_id, cosine in by_meaning if cosine >= NEAR or paper_id in worded),
            *self._vectors.scores(vector, unseen),
        ]
        found = fused(by_word, by_meaning)[:limit]
        parts = self._vectors.parts(paper_id for paper_id, _ in found[:QUOTED])
        places = nearest_sentences(parts, vector)
        return [Match(paper_id, score, place) for (paper_id, score), place in zip_longest(found, places)]

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """The papers nearest to a paper, itself left out, best first."""
        vector = self._vectors.vector(paper_id, team_id)
        if vector is None:
            return []
        nearest = await self._vectors.nearest(vector, limit + 1, None, team_id)
        return [Match(other, score) for other, score in nearest if other != paper_id][:limit]

    async def match_topic(self, topic: str, among: frozenset[int]) -> list[Match]:
        """Those among the papers that truly are about the topic, best first.

        A paper with none of the topic's words would have to be nearer to it than papers ever are.
        """
        held, (vector,) = await asyncio.gather(
            self._full_text.evidence(topic, among), self._embedder.queries([topic])
        )
        near = self._vectors.scores(vector, held)
        scores = relevance([(cosine, held[paper_id]) for paper_id, cosine in near])
        matches = [
            Match(paper_id, score)
            for (paper_id, _), score in zip(near, scores, strict=True)
            if score >= THRESHOLD
        ]
        return sorted(matches, key=lambda match: (-match.score, match.paper_id))

    async def search_titles(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Papers whose titles hold these words, best first."""
        found = await self._full_text.search_titles(words, limit, team_id)
        return [Match(paper_id, score) for paper_id, score in found]


def fused(*lists: Hits) -> list[tuple[int, float]]:
    """Put lists together: the mean of a paper's scores, each as a share of its list's best.

    What Bruch, Gai and Ingber (2023) find for sums of scaled scores holds here as well: they beat
    reciprocal ranks, and need no fitting to a collection. Figures are in docs/search.md.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    for hits in lists:
        best = max(map(_SCORE, hits), default=0.0)
        share = 1 / (best * len(lists)) if best > 0 else 0.0
        for paper_id, score in hits:
            scores[paper_id] += score * share
    return sorted(sorted(scores.items()), key=_SCORE, reverse=True)
