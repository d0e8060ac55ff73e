"""The texts to learn from and to measure with, read from the files that training/README.md lists."""

import csv
import gzip
import json
import lzma
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from papers.text import clean_abstract, clean_title

KEPT = 4
"""Every fourth of SciFact's claims is kept for measuring, and is not trained on."""
FOLDS = 5
"""Every fifth paper with authors' keywords is kept for measuring, and is not trained on."""
SHARED = 2
"""Two papers are related if they share at least so many of their authors' keywords."""
GENERATED = "arxiv"
"""The venue whose keywords are categories that no author chose for the paper."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A title (which may be empty) and an abstract, with the authors' keywords in lower case."""

    title: str
    abstract: str
    keywords: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The text that is encoded, as the program writes it."""
        return f"{self.title}. {self.abstract}" if self.title else self.abstract

    @property
    def key(self) -> str:
        """A text that two records of one paper have in common."""
        return "".join(filter(str.isalnum, (self.title or self.abstract[:200]).lower()))


@dataclass(frozen=True, slots=True)
class Collection:
    """Papers, queries, and for each query the places of the right papers with their grades."""

    name: str
    papers: list[Paper]
    queries: list[str]
    relevant: list[dict[int, int]]
    own: list[int] = field(default_factory=list)
    """Where queries are papers themselves, the place of each: a paper is no result of its own query."""


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """Read one JSON object a line, from a file that may be compressed by gzip or xz."""
    kinds: dict[str, Callable[..., IO[str]]] = {".gz": gzip.open, ".xz": lzma.open}
    with kinds.get(file.suffix, open)(file, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def papers(data: Path) -> list[Paper]:
    """Read the papers to learn from."""
    return [
        Paper(
            " ".join(row["title"].split()),
            " ".join(row["abstract"].split()),
            _keywords(row["keywords"] if row["venue"] != GENERATED else ()),
        )
        for row in rows(data / "training/papers.jsonl.xz")
    ]


def _keywords(given: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in (" ".join(each.lower().split()) for each in given) if word)


def is_kept(paper: Paper) -> bool:
    """Whether a paper with keywords is kept to measure with: a fifth of them, by their titles alone."""
    return bool(paper.keywords) and zlib.crc32(paper.key.encode()) % FOLDS == 0


def keyword_collection(known: Iterable[Paper]) -> Collection:
    """Make a collection of the kept papers: for each one, those that share enough keywords are right."""
    kept = [each for each in known if is_kept(each)]
    counts = shared_keywords(kept)
    own, relevant = [], []
    for place, others in enumerate(counts):
        right = {other: 1 for other, count in others.items() if count >= SHARED}
        if right:
            own.append(place)
            relevant.append(right)
    return Collection("related", kept, [kept[place].text for place in own], relevant, own)


def shared_keywords(among: list[Paper]) -> list[dict[int, int]]:
    """For each paper, count the keywords that it shares with each of the others."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, paper in enumerate(among):
        for word in paper.keywords:
            holders[word].append(place)
    counts: list[dict[int, int]] = [{} for _ in among]
    for places in holders.values():
        for place in places:
            for other in places:
                if other != place:
                    counts[place][other] = counts[place].get(other, 0) + 1
    return counts


def collection(folder: Path) -> Collection:
    """Read a collection in BEIR's layout, cleaned as the program cleans papers."""
    [corpus] = folder.glob("corpus.jsonl*")
    lines = list(rows(corpus))
    places = {str(row["_id"]): place for place, row in enumerate(lines)}
    found = [
        Paper(clean_title(row.get("title") or ""), clean_abstract(row.get("text") or "")) for row in lines
    ]
    judged: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for table in sorted((folder / "qrels").glob("*.tsv")):
        with table.open(encoding="utf-8", newline="") as judgements:
            for query, paper, grade in csv.reader(judgements, delimiter="\t"):
                if grade.isdigit() and int(grade) > 0:
                    judged[query][places[paper]] = int(grade)
    texts = {str(row["_id"]): row["text"] for row in rows(folder / "queries.jsonl")}
    queries = [name for name in texts if name in judged]
    return Collection(
        folder.name, found, [texts[name] for name in queries], [judged[name] for name in queries]
    )


def part(whole: Collection, name: str, chosen: Iterable[int]) -> Collection:
    """Return a collection with some of its queries and all of its papers."""
    places = list(chosen)
    return Collection(
        name,
        whole.papers,
        [whole.queries[place] for place in places],
        [whole.relevant[place] for place in places],
    )


def kept_claims(claims: Collection) -> Collection:
    """Return every fourth claim, which training never sees."""
    return part(claims, "claims", range(0, len(claims.queries), KEPT))


def other_claims(claims: Collection) -> Collection:
    """Return the claims to learn from."""
    return part(claims, "other claims", (each for each in range(len(claims.queries)) if each % KEPT))
