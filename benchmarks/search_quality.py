"""Measure search on judged collections in BEIR's layout: `python benchmarks/search_quality.py FOLDER…`.

A folder has corpus.jsonl (or .gz), queries.jsonl and qrels/*.tsv. Papers take the product's own way: a
library over a SQLite file, its indexes, HybridSearch. Encoded papers are kept under .cache/; the time to
encode them is reported separately.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from beir import Collection, load, measures
from vector_cache import CachedMiniLM

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import PaperDraft
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from papers.search import HybridSearch
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore

DEPTH = 100

Find = Callable[[str], Awaitable[list[int]]]


class SystemClock:
    """The time."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Searched:
    """A collection in a library; `names` maps paper ids to the collection's names."""

    collection: Collection
    names: Mapping[int, str]
    ways: Mapping[str, Find]


async def _searched(collection: Collection, embedder: CachedMiniLM, store: SqlStore) -> Searched:
    full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions)
    generations = Generations(Generation(embedder, vectors))
    library = PaperLibrary(store, generations, full_text, clock=SystemClock(), wakeup=LocalWakeup())
    report = await library.add(_draft(name, *text) for name, text in collection.texts.items())
    names = {paper_id: name for name, (paper_id, _) in zip(collection.texts, report.stored, strict=True)}
    search = HybridSearch(generations, full_text)

    async def by_word(query: str) -> list[int]:
        return [paper_id for paper_id, _ in await full_text.search(query, DEPTH)]

    async def by_meaning(query: str) -> list[int]:
        (encoded,) = await embedder.queries([query])
        return [paper_id for paper_id, _ in await vectors.nearest(encoded.vector, DEPTH)]

    async def ours(query: str) -> list[int]:
        return [match.paper_id for match in await search.search(query, DEPTH)]

    async def reciprocal(query: str) -> list[int]:
        ranks: dict[int, float] = {}
        for found in (await by_word(query), await by_meaning(query)):
            for rank, paper_id in enumerate(found, start=1):
                ranks[paper_id] = ranks.get(paper_id, 0) + 1 / (60 + rank)
        return sorted(ranks, key=ranks.__getitem__, reverse=True)

    ways = {"BM25": by_word, "dense": by_meaning, "reciprocal ranks": reciprocal, "ours": ours}
    return Searched(collection, names, ways)


def _draft(name: str, title: str, abstract: str) -> PaperDraft:
    """A text as a paper: no two are the same one, and what has no title is called by its name."""
    identifier = Identifier(Scheme.DOI, f"10.0000/{name.lower()}")
    return PaperDraft(
        title if title_key(title) else f"{name} {title}",
        abstract,
        "benchmark",
        identifiers=frozenset({identifier}),
    )


async def _measured(searched: Searched, find: Find) -> tuple[list[float], float]:
    queries = searched.collection.queries
    totals = [0.0, 0.0, 0.0]
    start = time.perf_counter()
    for key, query in queries.items():
        found = [searched.names[paper_id] for paper_id in await find(query)]
        for place, value in enumerate(measures(found, searched.collection.judged[key])):
            totals[place] += value
    seconds = time.perf_counter() - start
    return [total / len(queries) for total in totals], 1000 * seconds / len(queries)


async def _tell(folder: Path) -> None:
    collection = load(folder)
    embedder = CachedMiniLM()
    with tempfile.TemporaryDirectory() as temporary:
        address = f"sqlite:///{temporary}/papers.db"
        await migrate(address)
        store = SqlStore(address)
        start = time.perf_counter()
        searched = await _searched(collection, embedder, store)
        rest = time.perf_counter() - start - embedder.seconds
        print(f"\n## {collection.name}: {len(collection.texts):,} papers, {len(collection.queries)} queries")
        print(
            f"{embedder.encoded:,} encoded in {embedder.seconds:.0f} s; stored and indexed in {rest:.0f} s\n"
        )
        print("| way | nDCG@10 | R@10 | R@100 | ms a query |\n|---|---|---|---|---|")
        for name, find in searched.ways.items():
            figures, milliseconds = await _measured(searched, find)
            print(f"| {name} | {' | '.join(f'{figure:.3f}' for figure in figures)} | {milliseconds:.1f} |")
        await store.close()
    embedder.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        asyncio.run(_tell(Path(name)))
