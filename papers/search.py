"""Hybrid search: full text and vectors together."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import zip_longest
from operator import itemgetter

from bot.domain.paper import Match, Paper
from bot.ports.search import Embedder, FullText, VectorIndex
from papers.topics import TopicScorer
from papers.vectors import nearest_sentences

DEPTH = 100
"""Fewest hits that are taken from each index before they are fused."""
NEAR = 0.3
"""Least cosine of a paper with none of the query's words. A nonsense query stays below it everywhere."""
RELATED_COSINE = 6.0
"""What a cosine weighs among related papers, beside BM25 as a share of the best paper's.

By benchmarks/related.py: with less, papers that share authors' keywords are found less well than by vectors
alone; with more, papers that answer the same question are.
"""
QUOTED = 20
"""Best hits for which the matching sentence is found, as only these are shown."""

Hits = Sequence[tuple[int, float]]
_SCORE = itemgetter(1)


class HybridSearch:
    """Search over a full-text index and a vector index, which a PaperLibrary keeps filled."""

    def __init__(self, embedder: Embedder, full_text: FullText, vectors: VectorIndex) -> None:
        self._embedder = embedder
        self._full_text = full_text
        self._vectors = vectors
        self._topics = TopicScorer(embedder, full_text, vectors)

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """Return the best matches among the `allowed` papers (None: all), best first.

        A query that is unrelated to all of them has no matches.
        """
        depth = max(DEPTH, 2 * limit)
        # One after the other: both are bound by the CPU, so in parallel neither would be faster.
        by_word = await self._full_text.search(query, depth, allowed, team_id)
        (vector,) = await self._embedder.queries([query])
        by_meaning = await self._vectors.nearest(vector, depth, allowed, team_id)
        with_words = {paper_id for paper_id, _ in by_word}
        without_score = with_words.difference(paper_id for paper_id, _ in by_meaning)
        by_meaning = [
            *(
                (paper_id, cosine)
                for paper_id, cosine in by_meaning
                if cosine >= NEAR or paper_id in with_words
            ),
            *self._vectors.scores(vector, without_score),
        ]
        found = fused(by_word, by_meaning)[:limit]
        parts = self._vectors.parts(paper_id for paper_id, _ in found[:QUOTED])
        indexes = nearest_sentences(parts, vector)
        return [Match(paper_id, score, index) for (paper_id, score), index in zip_longest(found, indexes)]

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers most similar to this one in meaning and in words, best first, without itself."""
        vector = self._vectors.vector(paper_id, team_id)
        if vector is None:
            return []
        depth = max(DEPTH, 2 * limit)
        by_word = dict(await self._full_text.like(paper_id, depth, team_id))
        by_meaning = dict(await self._vectors.nearest(vector, depth + 1, None, team_id))
        by_meaning.update(self._vectors.scores(vector, by_word.keys() - by_meaning.keys()))
        best = max(by_word.values(), default=1.0)
        scores = {
            other: (by_word.get(other, 0.0) / best + RELATED_COSINE * cosine) / (1 + RELATED_COSINE)
            for other, cosine in by_meaning.items()
            if other != paper_id
        }
        ranked = sorted(scores, key=lambda other: (-scores[other], other))[:limit]
        return [Match(other, scores[other]) for other in ranked]

    async def shared_words(self, paper: Paper, others: Sequence[Paper]) -> list[list[str]]:
        """Return for each of the others the rare words and phrases that it shares with a paper."""
        one, *texts = [(each.title, each.abstract) for each in (paper, *others)]
        return await self._full_text.shared_words(one, texts)

    async def match_topic(self, topic: str, among: frozenset[int]) -> list[Match]:
        """Return those of the papers that are about the topic, best first."""
        (matches,) = await self.match_topics([topic], among)
        return matches

    async def match_topics(self, topics: Sequence[str], among: frozenset[int]) -> list[list[Match]]:
        """Return for each topic those of the papers that are about it, best first."""
        return await self._topics.match(topics, among)

    async def near_copies(
        self, paper_ids: Collection[int], among: Collection[int], least: float
    ) -> list[tuple[int, int, float]]:
        """Return the papers with those among the others whose vectors have at least this cosine."""
        return await self._vectors.near_pairs(paper_ids, among, least)

    async def search_titles(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers whose titles have these words, best first."""
        found = await self._full_text.search_titles(words, limit, team_id)
        return [Match(paper_id, score) for paper_id, score in found]


def fused(*lists: Hits) -> list[tuple[int, float]]:
    """Fuse ranked lists: a paper's score is the mean of its scores, each divided by the best of its list.

    As in Bruch, Gai and Ingber (2023), sums of scaled scores beat reciprocal rank fusion, and need no
    fitting to a collection. Figures are in docs/search.md.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    for hits in lists:
        best = max(map(_SCORE, hits), default=0.0)
        share = 1 / (best * len(lists)) if best > 0 else 0.0
        for paper_id, score in hits:
            scores[paper_id] += score * share
    return sorted(sorted(scores.items()), key=_SCORE, reverse=True)
