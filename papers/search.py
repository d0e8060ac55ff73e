"""Hybrid search: by word and by meaning, then the best papers once more by the vectors of their words."""

import asyncio
import re
from itertools import zip_longest

import numpy as np

from bot.domain.paper import Match
from bot.ports.search import Embedder, FullText, VectorIndex
from papers.generations import Generations
from papers.ranking import DEPTH, Candidates
from papers.relevance import THRESHOLD, relevance
from papers.vectors import Floats, nearest_sentences, word_scores

_KNOWN_LETTER = re.compile(r"[a-z0-9]", re.IGNORECASE)
"""The encoder was trained on English alone."""
QUOTED = 20
"""Best hits for which the matching sentence is found, as only these are shown."""


class HybridSearch:
    """Search over a full-text index and a vector index, which a PaperLibrary keeps filled."""

    def __init__(self, generations: Generations, full_text: FullText) -> None:
        self._generations = generations
        self._full_text = full_text

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """Return the best matches among the `allowed` papers (None: all), best first.

        A query that is unrelated to all of them has no matches.
        """
        embedder, vectors = self._serving
        depth = max(DEPTH, 2 * limit)
        # One after the other: both are bound by the CPU, so in parallel neither would be faster.
        by_word = await self._full_text.search(query, depth, allowed, team_id)
        (encoded,) = await embedder.queries([query])
        by_meaning = await vectors.nearest(encoded.vector, depth, allowed, team_id)
        without_cosine = {paper_id for paper_id, _ in by_word}.difference(each for each, _ in by_meaning)
        cosines = dict([*by_meaning, *vectors.scores(encoded.vector, without_cosine)])
        words = np.frombuffer(encoded.words, "<f4").reshape(-1, embedder.word_dimensions or 1)

        def word_cosines(paper_ids: list[int]) -> Floats:
            return word_scores(vectors.details(paper_ids), words, embedder.dimensions)

        candidates = Candidates(by_word, cosines)
        if _KNOWN_LETTER.search(query):
            found = await asyncio.to_thread(candidates.ranked, word_cosines if len(words) else None)
        else:
            found = candidates.by_words()
        details = vectors.details(paper_id for paper_id, _ in found[: min(limit, QUOTED)])
        indexes = nearest_sentences(details, encoded.vector)
        return [
            Match(paper_id, score, index) for (paper_id, score), index in zip_longest(found[:limit], indexes)
        ]

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers most similar to this one, best first, without itself."""
        _, vectors = self._serving
        vector = vectors.vector(paper_id, team_id)
        if vector is None:
            return []
        nearest = await vectors.nearest(vector, limit + 1, None, team_id)
        return [Match(other, score) for other, score in nearest if other != paper_id][:limit]

    async def match_topic(self, topic: str, among: frozenset[int]) -> list[Match]:
        """Return those of the papers that are about the topic, best first.

        Only papers with one of the topic's words are scored. None without any is ever similar enough.
        """
        embedder, vectors = self._serving
        evidence, (encoded,) = await asyncio.gather(
            self._full_text.evidence(topic, among), embedder.queries([topic])
        )
        near = vectors.scores(encoded.vector, evidence)
        scores = relevance([(cosine, evidence[paper_id]) for paper_id, cosine in near])
        matches = [
            Match(paper_id, score)
            for (paper_id, _), score in zip(near, scores, strict=True)
            if score >= THRESHOLD
        ]
        return sorted(matches, key=lambda match: (-match.score, match.paper_id))

    async def search_titles(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers whose titles have these words, best first."""
        found = await self._full_text.search_titles(words, limit, team_id)
        return [Match(paper_id, score) for paper_id, score in found]

    @property
    def _serving(self) -> tuple[Embedder, VectorIndex]:
        """The encoder and the index to be used together, which may change between two searches."""
        serving = self._generations.serving
        return serving.embedder, serving.vectors
