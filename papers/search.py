"""Hybrid search: by word and by meaning, then the best papers once more by the vectors of their words."""

import asyncio
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest

import numpy as np

from bot.domain.document import Span
from bot.domain.paper import Match, Paper
from bot.ports.search import Embedder, EncodedQuery, FullText, MarkedSentence, VectorIndex
from papers.generations import Generations
from papers.marking import marks
from papers.ranking import DEPTH, Candidates
from papers.text import sentence_spans
from papers.topics import TopicScorer
from papers.vectors import Floats, nearest_sentences, word_cosines, word_scores

_KNOWN_LETTER = re.compile(r"[a-z0-9]", re.IGNORECASE)
"""The encoder was trained on English alone."""
RELATED_COSINE = 6.0
"""What a cosine weighs among related papers, beside BM25 as a share of the best paper's.

By benchmarks/related.py: with less, papers that share authors' keywords are found less well than by vectors
alone; with more, papers that answer the same question are.
"""
QUOTED = 20
"""Best hits for which the matching sentence is found, as only these are shown."""


class HybridSearch:
    """Search over a full-text index and a vector index, which a PaperLibrary keeps filled."""

    def __init__(self, generations: Generations, full_text: FullText) -> None:
        self._generations = generations
        self._full_text = full_text
        self._topics = TopicScorer(generations, full_text)

    async def search(
        self, query: str, limit: int, allowed: frozenset[int] | None = None, team_id: int | None = None
    ) -> list[Match]:
        """Return the best matches among the `allowed` papers (None: all), best first.

        A query that is unrelated to all of them has no matches.
        """
        embedder, vectors = self._serving
        depth = max(DEPTH, 2 * limit)
        # One after the other: both are bound by the CPU, so in parallel neither would be faster.
        by_word = dict(await self._full_text.search(query, depth, allowed, team_id))
        (encoded,) = await embedder.queries([query])
        cosines = dict(await vectors.nearest(encoded.vector, depth, allowed, team_id))
        # Every paper of either list needs both scores: one that is just below the end of a list has not zero.
        if by_word and (others := cosines.keys() - by_word.keys()):
            by_word |= await self._full_text.search(query, len(others), frozenset(others), team_id)
        cosines |= vectors.scores(encoded.vector, by_word.keys() - cosines.keys())
        words = _words_of(encoded, embedder)

        def compared(paper_ids: list[int]) -> Floats:
            return word_scores(vectors.details(paper_ids), words, embedder.dimensions)

        candidates = Candidates(by_word, cosines)
        if _KNOWN_LETTER.search(query):
            found = await asyncio.to_thread(candidates.ranked, compared if len(words) else None)
        else:
            found = candidates.by_words()
        details = vectors.details(paper_id for paper_id, _ in found[: min(limit, QUOTED)])
        indexes = nearest_sentences(details, encoded.vector)
        return [
            Match(paper_id, score, index) for (paper_id, score), index in zip_longest(found[:limit], indexes)
        ]

    async def related(self, paper_id: int, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers most similar to this one in meaning and in words, best first, without itself."""
        _, vectors = self._serving
        vector = vectors.vector(paper_id, team_id)
        if vector is None:
            return []
        depth = max(DEPTH, 2 * limit)
        by_word = dict(await self._full_text.like(paper_id, depth, None, team_id))
        by_meaning = dict(await vectors.nearest(vector, depth + 1, None, team_id))
        if others := by_meaning.keys() - by_word.keys() - {paper_id}:
            by_word |= await self._full_text.like(paper_id, len(others), frozenset(others), team_id)
        by_meaning |= vectors.scores(vector, by_word.keys() - by_meaning.keys())
        best = max(by_word.values(), default=1.0)
        scores = {
            other: (by_word.get(other, 0.0) / best + RELATED_COSINE * cosine) / (1 + RELATED_COSINE)
            for other, cosine in by_meaning.items()
            if other != paper_id
        }
        ranked = sorted(scores, key=lambda other: (-scores[other], other))[:limit]
        return [Match(other, scores[other]) for other in ranked]

    async def shared_words(self, paper: Paper, others: Sequence[Paper]) -> list[list[str]]:
        """Return for each of the others the telling words and phrases that it shares with a paper."""
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
        _, vectors = self._serving
        return await vectors.near_pairs(paper_ids, among, least)

    async def search_titles(self, words: str, limit: int, team_id: int | None = None) -> list[Match]:
        """Return the papers whose titles have these words, best first."""
        found = await self._full_text.search_titles(words, limit, team_id)
        return [Match(paper_id, score) for paper_id, score in found]

    async def quotes(self, query: str, places: Sequence[tuple[Paper, int]]) -> list[MarkedSentence]:
        """Return papers' sentences, each with the words that answer a query marked in it.

        Nothing is marked where the vectors are those of another text: the paper has changed since then.
        """
        embedder, vectors = self._serving
        (encoded,) = await embedder.queries([query])
        spans = await embedder.word_spans([(paper.title, paper.abstract) for paper, _ in places])
        details = vectors.details(paper.id for paper, _ in places)
        words = _words_of(encoded, embedder)
        if not _KNOWN_LETTER.search(query):
            words = words[:0]

        def quoted() -> Iterator[MarkedSentence]:
            for (paper, number), of_words, packed in zip(places, spans, details, strict=True):
                cosines = word_cosines(packed, words, embedder.dimensions)
                yield self._quote(query, paper.abstract, number, of_words, cosines)

        return await asyncio.to_thread(lambda: list(quoted()))

    def _quote(
        self, query: str, abstract: str, number: int, spans: Sequence[Span], cosines: Floats
    ) -> MarkedSentence:
        sentences = sentence_spans(abstract)
        if number >= len(sentences):
            return MarkedSentence(None, ())
        start, end = sentences[number]
        text = abstract[start:end]
        if len(cosines) != len(spans):
            return MarkedSentence(text, ())
        inside = [row for row, span in enumerate(spans) if start <= span.start and span.end <= end]
        words = [Span(spans[row].start - start, spans[row].end - start) for row in inside]
        return MarkedSentence(
            text, marks(text, words, cosines[inside], self._full_text.words_found(query, text))
        )

    @property
    def _serving(self) -> tuple[Embedder, VectorIndex]:
        """The encoder and the index to be used together, which may change between two searches."""
        serving = self._generations.serving
        return serving.embedder, serving.vectors


def _words_of(query: EncodedQuery, embedder: Embedder) -> Floats:
    return np.frombuffer(query.words, "<f4").reshape(-1, embedder.word_dimensions or 1)
