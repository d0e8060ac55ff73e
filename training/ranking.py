"""Ranked lists, how they are fused, and how good they are."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from papers.ranking import COSINE, DEPTH, RERANKED_COSINE, WORDS
from storage.index.full_text import FullTextIndex
from training.texts import Collection

RECIPROCAL = 60
NEAR = 0.3
"""Least cosine of a paper with none of the query's words, in the search before."""
RESAMPLES = 10_000

Floats: TypeAlias = NDArray[np.float64]
Hits: TypeAlias = list[tuple[int, float]]
Ranked: TypeAlias = list[int]


def by_words(collection: Collection) -> list[Hits]:
    """Search by word in the program's own index."""

    async def searched() -> list[Hits]:
        index = FullTextIndex()
        await index.put((place, each.title, each.abstract) for place, each in enumerate(collection.papers))
        return [await index.search(query, DEPTH + 1) for query in collection.queries]

    found = asyncio.run(searched())
    return [_without(hits, own)[:DEPTH] for hits, own in zip(found, _own(collection), strict=True)]


def by_meaning(collection: Collection, cosines: Floats) -> list[Hits]:
    """Rank by cosine; `cosines` has a row for each query and a column for each paper."""
    found = []
    for row, own in zip(cosines, _own(collection), strict=True):
        order = np.argsort(-row, kind="stable")[: DEPTH + 1].tolist()
        found.append(_without([(place, float(row[place])) for place in order], own)[:DEPTH])
    return found


def _own(collection: Collection) -> Sequence[int | None]:
    return collection.own or [None] * len(collection.queries)


def _without(hits: Hits, own: int | None) -> Hits:
    return [hit for hit in hits if hit[0] != own]


def places(hits: Hits) -> Ranked:
    """Return the papers alone."""
    return [place for place, _ in hits]


def reciprocal(*lists: Hits) -> Ranked:
    """Fuse by reciprocal ranks."""
    scores: dict[int, float] = {}
    for hits in lists:
        for rank, (place, _) in enumerate(hits, start=1):
            scores[place] = scores.get(place, 0.0) + 1 / (RECIPROCAL + rank)
    return sorted(scores, key=scores.__getitem__, reverse=True)[:DEPTH]


def as_before(words: Hits, meaning: Hits, cosines: Floats) -> Ranked:
    """Fuse as the program did before it had weights of its own: each list by its best, then the mean."""
    with_words, near = dict(words), dict(meaning)
    nearest = [(place, score) for place, score in meaning if score >= NEAR or place in with_words]
    others = [(place, float(cosines[place])) for place in with_words if place not in near]
    scores: dict[int, float] = {}
    for hits in (words, [*nearest, *others]):
        best = max((score for _, score in hits), default=0.0)
        for place, score in hits if best > 0 else ():
            scores[place] = scores.get(place, 0.0) + score / best / 2
    return _best_first(scores)[:DEPTH]


def weighed(words: Hits, meaning: Hits, cosines: Floats) -> Ranked:
    """Fuse by BM25 as a share of the best paper's, and the cosine at a fixed weight."""
    shares = _shares(words)
    scores = {
        place: shares.get(place, 0.0) + COSINE * float(cosines[place])
        for place in {*places(words), *places(meaning)}
    }
    return _best_first(scores)[:DEPTH]


def reranked(found: Ranked, words: Hits, cosines: Floats, late: Mapping[int, float]) -> Ranked:
    """Reorder the best papers by BM25, cosine and their words' cosines together."""
    shares = _shares(words)
    scores = {
        place: shares.get(place, 0.0) + RERANKED_COSINE * float(cosines[place]) + WORDS * late[place]
        for place in found
    }
    return _best_first(scores)


def _shares(words: Hits) -> dict[int, float]:
    best = max((score for _, score in words), default=1.0)
    return {place: score / best for place, score in words}


def _best_first(scores: Mapping[int, float]) -> Ranked:
    return sorted(scores, key=lambda place: (-scores[place], place))


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of each query."""

    ndcg: Floats
    recall_10: Floats
    recall_100: Floats

    def part(self, chosen: Sequence[int]) -> "Measured":
        """Return the measures of some of the queries."""
        return Measured(self.ndcg[chosen], self.recall_10[chosen], self.recall_100[chosen])

    def means(self) -> tuple[float, float, float]:
        """Return nDCG@10, R@10 and R@100 over all queries."""
        return float(self.ndcg.mean()), float(self.recall_10.mean()), float(self.recall_100.mean())


def measured(found: Sequence[Ranked], relevant: Sequence[Mapping[int, int]]) -> Measured:
    """Measure ranked lists."""
    rows = np.array([_measures(list(each), right) for each, right in zip(found, relevant, strict=True)])
    return Measured(*rows.T)


def _measures(found: Ranked, right: Mapping[int, int]) -> tuple[float, float, float]:
    gained = sum(right.get(place, 0) / math.log2(rank + 2) for rank, place in enumerate(found[:10]))
    ideal = sorted(right.values(), reverse=True)[:10]
    best = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(ideal))
    recalls = [sum(place in right for place in found[:depth]) / len(right) for depth in (10, DEPTH)]
    return gained / best, recalls[0], recalls[1]


def interval(better: Floats, worse: Floats, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean difference and its 95 % interval, by resampling queries in pairs."""
    differences = better - worse
    dice = np.random.default_rng(seed)
    drawn = dice.integers(len(differences), size=(RESAMPLES, len(differences)))
    low, high = np.percentile(differences[drawn].mean(1), (2.5, 97.5))
    return float(differences.mean()), float(low), float(high)
