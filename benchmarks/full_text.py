"""Measure full-text indexes on OR queries over 100,000 papers: FTS5, tantivy, bm25s and ours.

The papers are the 50,000 of ../shared's arXiv set, twice; the queries are four words of one title and one of
another. Quality is nDCG@10 on ../shared's CACM and SciFact with each one's own defaults and stemming.
"""

import asyncio
import json
import random
import re
import sqlite3
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Protocol

import bm25s
import numpy as np
import snowballstemmer
import tantivy
from beir import load, measures
from vector_cache import SHARED, arxiv

from storage.index.full_text import FullTextIndex

Paper = tuple[int, str, str]
Ids = list[int]
DEPTH = 100
QUERIES = 100
ADDED = 64


class Contender(Protocol):
    """One way to find papers by words."""

    async def add(self, papers: list[Paper]) -> None: ...  # noqa: D102 - as FullText.put
    async def find(self, query: str, allowed: frozenset[int] | None = None) -> Ids: ...  # noqa: D102 - as above


class Ours:
    """The product's index."""

    def __init__(self) -> None:
        self._index = FullTextIndex()

    async def add(self, papers: list[Paper]) -> None:
        """Add papers."""
        await self._index.put(papers)

    async def find(self, query: str, allowed: frozenset[int] | None = None) -> Ids:
        """Find papers."""
        return [paper_id for paper_id, _ in await self._index.search(query, DEPTH, allowed)]


class Tantivy:
    """Tantivy with its own English stemming analyzer and query parser."""

    def __init__(self) -> None:
        self._schema = (
            tantivy.SchemaBuilder()
            .add_integer_field("id", indexed=True, fast=True)
            .add_text_field("text", tokenizer_name="en_stem")
            .build()
        )
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(32_000_000, 1)

    async def add(self, papers: list[Paper]) -> None:
        """Add papers."""
        for paper_id, title, abstract in papers:
            self._writer.add_document(tantivy.Document(id=paper_id, text=f"{title}. {abstract}"))
        self._writer.commit()
        self._index.reload()

    async def find(self, query: str, allowed: frozenset[int] | None = None) -> Ids:
        """Find papers."""
        parsed, _ = self._index.parse_query_lenient(query, ["text"])
        if allowed is not None:
            among = tantivy.Query.term_set_query(self._schema, "id", list(allowed))
            must = tantivy.Occur.Must
            parsed = tantivy.Query.boolean_query(
                [(must, parsed), (must, tantivy.Query.const_score_query(among, 0))]
            )
        searcher = self._index.searcher()
        hits = searcher.search(parsed, DEPTH, count=False).hits
        return [int(each or 0) for each in searcher.fast_field_values("id", [address for _, address in hits])]


class Fts5:
    """SQLite's FTS5 with the porter tokenizer."""

    def __init__(self) -> None:
        self._file = sqlite3.connect(":memory:")
        self._file.execute("CREATE VIRTUAL TABLE papers USING fts5 (text, tokenize = 'porter unicode61')")

    async def add(self, papers: list[Paper]) -> None:
        """Add papers."""
        with self._file:
            rows = [(paper_id, f"{title}. {abstract}") for paper_id, title, abstract in papers]
            self._file.executemany("INSERT INTO papers (rowid, text) VALUES (?, ?)", rows)

    async def find(self, query: str, allowed: frozenset[int] | None = None) -> Ids:
        """Find papers."""
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query))
        # The plus keeps SQLite from looking each allowed paper up in the full text, one by one.
        among = "" if allowed is None else "AND +rowid IN (SELECT value FROM json_each(?))"
        found = self._file.execute(
            f"SELECT rowid FROM papers WHERE papers MATCH ? {among} ORDER BY rank LIMIT {DEPTH}",  # noqa: S608 - none of it is given
            [words] if allowed is None else [words, json.dumps(list(allowed))],
        )
        return [paper_id for (paper_id,) in found]


class Bm25s:
    """bm25s with English stop words and snowball's stemmer; what is added means building it anew."""

    def __init__(self) -> None:
        self._stemmer = snowballstemmer.stemmer("english")
        self._tokens: list[list[str]] = []
        self._ids: Ids = []

    async def add(self, papers: list[Paper]) -> None:
        """Add papers."""
        self._ids += [paper_id for paper_id, _, _ in papers]
        self._tokens += self._cut([f"{title}. {abstract}" for _, title, abstract in papers])
        self._index = bm25s.BM25()
        self._index.index(self._tokens, show_progress=False)

    async def find(self, query: str, allowed: frozenset[int] | None = None) -> Ids:
        """Find papers."""
        mask = None
        if allowed is not None:
            mask = np.isin(self._ids, list(allowed)).astype(np.float32)
        depth = min(DEPTH, len(self._ids))
        indexes, scores = self._index.retrieve(
            self._cut([query]), k=depth, show_progress=False, weight_mask=mask, n_threads=1
        )
        return [self._ids[index] for index, score in zip(indexes[0], scores[0], strict=True) if score > 0]

    def _cut(self, texts: list[str]) -> list[list[str]]:
        cut: list[list[str]] = bm25s.tokenize(
            texts, stopwords="en", stemmer=self._stemmer.stemWords, return_ids=False, show_progress=False
        )
        return cut


CONTENDERS: dict[str, Callable[[], Contender]] = {
    "FTS5 porter": Fts5,
    "bm25s": Bm25s,
    "tantivy en_stem": Tantivy,
    "ours (tantivy)": Ours,
}


async def _milliseconds(calls: Iterable[Callable[[], Awaitable[object]]]) -> tuple[float, float]:
    times = []
    for call in calls:
        start = time.perf_counter()
        await call()
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return statistics.median(times), times[int(0.99 * len(times))]


async def _speed(make: Callable[[], Contender], papers: list[Paper], queries: list[str]) -> str:
    contender = make()
    start = time.perf_counter()
    await contender.add(papers)
    built = time.perf_counter() - start
    any_paper = await _milliseconds([partial(contender.find, query) for query in queries])
    cells = [f"{built:6.1f} s", f"{any_paper[0]:7.2f}", f"{any_paper[1]:7.2f}"]
    draw = random.Random(1)
    for share in (30, 2_000, 50_000):
        allowed = frozenset(draw.sample(range(len(papers)), share))
        filtered = await _milliseconds([partial(contender.find, query, allowed) for query in queries[:20]])
        cells.append(f"{filtered[0]:7.2f}")
    more = [(len(papers) + number, title, abstract) for number, title, abstract in papers[:ADDED]]
    start = time.perf_counter()
    await contender.add(more)
    return " | ".join([*cells, f"{1000 * (time.perf_counter() - start):8.1f}"])


async def _quality(make: Callable[[], Contender], name: str) -> str:
    collection = load(SHARED / "data" / name)
    names = list(collection.texts)
    contender = make()
    await contender.add([(number, *collection.texts[key]) for number, key in enumerate(names)])
    total = 0.0
    for key, query in collection.queries.items():
        found = [names[number] for number in await contender.find(query)]
        total += measures(found, collection.judged[key])[0]
    return f"{total / len(collection.queries):.3f}"


async def main() -> None:
    """Print the table."""
    once = [(draft.title, draft.abstract) for draft in arxiv()]
    papers = [(number, title, abstract) for number, (title, abstract) in enumerate(once + once)]
    draw = random.Random(1)
    words = [re.findall(r"\w+", title) for title, _ in once]
    queries = [" ".join(draw.choice(words)[:4] + draw.choice(words)[-1:]) for _ in range(QUERIES)]
    print("| index | build | query ms | p99 | among 30 | 2,000 | 50,000 | add 64, ms | CACM | SciFact |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, make in CONTENDERS.items():
        quality = " | ".join([await _quality(make, "cacm"), await _quality(make, "scifact")])
        print(f"| {name} | {await _speed(make, papers, queries)} | {quality} |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
