"""Pairs of a query and the paper that answers it, made from the texts."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from papers.text import sentences
from training.texts import SHARED, Collection, Paper, is_kept, other_claims, papers, rows, shared_keywords

MIX = {
    "title": 0.22,
    "sentence": 0.22,
    "machine": 0.22,
    "person": 0.12,
    "question": 0.09,
    "claim": 0.07,
    "keywords": 0.06,
}
"""The share of each kind of pair in a batch."""
FEWEST_WORDS = 5
FEWEST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A query, the place of its paper in the pool, and the text to find; None is the whole paper."""

    query: str
    paper: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """All that training sees. Every kept claim and every kept paper is left out of it."""

    pool: list[Paper]
    by_kind: Mapping[str, list[Pair]]
    related: list[tuple[int, int]]
    """Places in the pool of two papers that share enough keywords."""
    relatives: Mapping[int, frozenset[int]]
    """For each paper with keywords, the papers that share any with it."""


class _Pool:
    """Papers by their keys, each once."""

    def __init__(self, kept: Iterable[Paper]) -> None:
        self.papers: list[Paper] = []
        self._places: dict[str, int] = {}
        self._kept = {each.key for each in kept}

    def place(self, paper: Paper) -> int | None:
        """Return the paper's place; None for one that is kept to measure with."""
        key = paper.key
        if key in self._kept or not paper.abstract:
            return None
        if key not in self._places:
            self._places[key] = len(self.papers)
            self.papers.append(paper)
        return self._places[key]


def made(data: Path, claims: Collection, kept: Iterable[Paper], most: int, seed: int) -> Pairs:
    """Make the pairs, at most so many of one kind. The same seed makes the same pairs."""
    dice = random.Random(seed)  # noqa: S311 - a seed is the point
    known = [each for each in papers(data) if not is_kept(each)]
    pool = _Pool(kept)
    for paper in known:
        pool.place(paper)
    by_kind = {
        "machine": list(_summaries(data, pool, "machine")),
        "person": [*_summaries(data, pool, "person"), *_from_scitldr(data, pool)],
        "question": list(_questions(data, pool)),
        "claim": list(_claims(other_claims(claims), pool)),
    }
    for paper in claims.papers:
        pool.place(paper)
    places = list(range(len(pool.papers)))
    by_kind["title"] = list(_titles(pool.papers, dice.sample(places, len(places)), most))
    by_kind["sentence"] = list(_sentences(pool.papers, dice.sample(places, len(places)), most, dice))
    by_kind["keywords"] = list(_keywords(pool.papers, dice))
    related, relatives = _related(pool.papers)
    return Pairs(pool.papers, by_kind, related, relatives)


def _pair(query: str, paper: Paper, pool: _Pool) -> Iterator[Pair]:
    place = pool.place(paper)
    if place is not None and query.strip():
        yield Pair(query, place)


def _summaries(data: Path, pool: _Pool, by: str) -> Iterator[Pair]:
    for row in rows(data / "training/tldr.jsonl.xz"):
        if row["by"] == by:
            yield from _pair(row["summary"], Paper(row["title"], row["abstract"]), pool)


def _from_scitldr(data: Path, pool: _Pool) -> Iterator[Pair]:
    for row in rows(data / "scitldr/train.jsonl"):
        for sentence in row["target"]:
            yield from _pair(sentence, Paper(row["title"] or "", " ".join(row["source"])), pool)


def _questions(data: Path, pool: _Pool) -> Iterator[Pair]:
    for row in rows(data / "training/questions.jsonl.xz"):
        yield from _pair(row["query"], Paper(row["title"], row["abstract"]), pool)


def _claims(claims: Collection, pool: _Pool) -> Iterator[Pair]:
    for claim, relevant in zip(claims.queries, claims.relevant, strict=True):
        for place in relevant:
            yield from _pair(claim, claims.papers[place], pool)


def _titles(pool: list[Paper], order: Iterable[int], most: int) -> Iterator[Pair]:
    """Yield titles with the abstracts alone, so that the words of the title are not simply repeated."""
    for place in order:
        paper = pool[place]
        if most and len(paper.title.split()) >= FEWEST_WORDS - 2:
            most -= 1
            yield Pair(paper.title, place, paper.abstract)


def _sentences(pool: list[Paper], order: Iterable[int], most: int, dice: random.Random) -> Iterator[Pair]:
    """Yield a sentence of an abstract with the rest of the paper."""
    for place in order:
        if not most:
            return
        paper = pool[place]
        parts = sentences(paper.abstract)
        long = [each for each in parts if len(each.split()) >= FEWEST_WORDS]
        if long and len(parts) >= FEWEST_SENTENCES:
            sentence = dice.choice(long)
            rest = " ".join(each for each in parts if each != sentence)
            most -= 1
            yield Pair(sentence, place, Paper(paper.title, rest).text)


def _keywords(pool: list[Paper], dice: random.Random) -> Iterator[Pair]:
    for place, paper in enumerate(pool):
        if paper.keywords:
            words = sorted(paper.keywords)
            yield Pair(", ".join(dice.sample(words, dice.randint(1, min(4, len(words))))), place)


def _related(pool: list[Paper]) -> tuple[list[tuple[int, int]], dict[int, frozenset[int]]]:
    places = [place for place, paper in enumerate(pool) if paper.keywords]
    counts = shared_keywords([pool[place] for place in places])
    related = [
        (place, places[other])
        for place, others in zip(places, counts, strict=True)
        for other, count in others.items()
        if count >= SHARED
    ]
    relatives = {
        place: frozenset(places[other] for other in others)
        for place, others in zip(places, counts, strict=True)
    }
    return related, relatives
