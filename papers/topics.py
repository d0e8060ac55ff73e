"""Which papers are about a topic: many topics in one pass over the papers."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np
from cachetools import LRUCache

from bot.domain.paper import Match
from bot.ports.search import Embedder, FullText, VectorIndex, WordEvidence
from papers.generations import Generations
from papers.relevance import THRESHOLD, relevance
from papers.vectors import Floats

TOPICS_KEPT = 16_384
"""Topics whose vectors stay in memory, 1.5 KB each."""


class TopicScorer:
    """Scores papers for topics by meaning and by word, over the indexes that a PaperLibrary keeps filled."""

    def __init__(self, generations: Generations, full_text: FullText) -> None:
        self._generations = generations
        self._full_text = full_text
        self._kept: LRUCache[tuple[str, str], bytes] = LRUCache(TOPICS_KEPT)

    async def match(self, topics: Sequence[str], among: frozenset[int]) -> list[list[Match]]:
        """Return for each topic those of the papers that are about it, best first.

        An acronym and what it stands for are one topic: a paper counts by the wording that fits it best.
        Only papers with one of a wording's words are scored. None without any is ever similar enough.
        """
        wordings = {topic: [topic, *self._full_text.alternatives(topic)] for topic in dict.fromkeys(topics)}
        texts = list(dict.fromkeys(text for each in wordings.values() for text in each))
        serving = self._generations.serving
        found, encoded = await asyncio.gather(
            self._full_text.evidence(texts, among), self._encoded(serving.embedder, texts)
        )
        evidence = {text: each for text, each in zip(texts, found, strict=True) if each}
        vectors = dict(zip(texts, encoded, strict=True))
        paper_ids = sorted({paper_id for each in evidence.values() for paper_id in each})
        cosines = await _cosines(serving.vectors, [vectors[text] for text in evidence], paper_ids)
        places = {paper_id: place for place, paper_id in enumerate(paper_ids)}
        scores = {
            text: _scores(words, row[[places[paper_id] for paper_id in words]])
            for (text, words), row in zip(evidence.items(), cosines, strict=True)
        }
        matches = {
            topic: _matches([scores[text] for text in each if text in scores])
            for topic, each in wordings.items()
        }
        return [matches[topic] for topic in topics]

    async def _encoded(self, embedder: Embedder, texts: Sequence[str]) -> list[bytes]:
        """Encode texts. Topics come again each day, so the vectors of many are kept."""
        name = embedder.name
        new = [text for text in texts if (name, text) not in self._kept]
        encoded = await embedder.queries(new)
        made = {text: each.vector for text, each in zip(new, encoded, strict=True)}
        vectors = [made[text] if text in made else self._kept[name, text] for text in texts]
        self._kept.update(((name, text), vector) for text, vector in made.items())
        return vectors


async def _cosines(index: VectorIndex, vectors: Sequence[bytes], paper_ids: Sequence[int]) -> Floats:
    """Return a row a vector and a column a paper; nan for a paper without vectors."""
    products = await index.products(vectors, paper_ids)
    return np.frombuffer(products, "<f4").reshape(len(vectors), len(paper_ids))


def _scores(words: Mapping[int, WordEvidence], cosines: Floats) -> dict[int, float]:
    scores = relevance(list(zip(cosines.tolist(), words.values(), strict=True)))
    return {paper_id: score for paper_id, score in zip(words, scores, strict=True) if score >= THRESHOLD}


def _matches(wordings: Sequence[Mapping[int, float]]) -> list[Match]:
    best: dict[int, float] = {}
    for scores in wordings:
        for paper_id, score in scores.items():
            best[paper_id] = max(score, best.get(paper_id, 0.0))
    return [Match(each, best[each]) for each in sorted(best, key=lambda each: (-best[each], each))]
