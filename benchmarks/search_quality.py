"""Measure search on judged collections: `python benchmarks/search_quality.py [FOLDER…]`.

A folder has corpus.jsonl (or .gz), queries.jsonl and qrels/*.tsv, as BEIR lays them out. Without one, the
collections of ../shared are measured, with those claims alone that training never saw. Papers take the
product's own way: a library over a SQLite file, its indexes, HybridSearch. Encoded papers are kept under
.cache/; the time to encode them is reported separately. Each way is measured in the same run, with the paired
95 % interval of what search gains over it.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from beir import Collection, load
from vector_cache import SHARED, CachedBareMiniLM, CachedMiniLM

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import PaperDraft
from bot.ports.search import EncodedQuery
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from papers.search import HybridSearch
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from training import ranking
from training.texts import KEPT

DEPTH = 100
OURS = "search, as it is done here"

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


class WithoutWords(CachedMiniLM):
    """Gives queries no vectors of words, so that nothing is ranked by them."""

    async def queries(self, texts: Sequence[str]) -> list[EncodedQuery]:
        """Encode queries."""
        return [each._replace(words=b"") for each in await super().queries(texts)]


async def _searched(collection: Collection, embedder: CachedMiniLM, store: SqlStore) -> Searched:
    full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions)
    generations = Generations(Generation(embedder, vectors))
    library = PaperLibrary(store, generations, full_text, clock=SystemClock(), wakeup=LocalWakeup())
    drafts = [_draft(name, *text) for name, text in collection.texts.items()]
    report = await library.add(drafts)
    ids = [paper_id for paper_id, _ in report.stored]
    first_stage = Generations(Generation(WithoutWords(), vectors))

    async def by_word(query: str) -> list[int]:
        return _ids(await full_text.search(query, DEPTH))

    async def by_meaning(query: str) -> list[int]:
        (encoded,) = await embedder.queries([query])
        return _ids(await vectors.nearest(encoded.vector, DEPTH))

    async def reciprocal(query: str) -> list[int]:
        ranks: dict[int, float] = {}
        for found in (await by_word(query), await by_meaning(query)):
            for rank, paper_id in enumerate(found, start=1):
                ranks[paper_id] = ranks.get(paper_id, 0) + 1 / (60 + rank)
        return sorted(ranks, key=ranks.__getitem__, reverse=True)

    ways = {
        "by word alone": by_word,
        "by our vectors alone": by_meaning,
        "rank fusion of both": reciprocal,
        "as of commit 48e2e6d": await _as_before(full_text, dict(zip(ids, drafts, strict=True))),
        "both scores, without single words": _found_by(HybridSearch(first_stage, full_text)),
        OURS: _found_by(HybridSearch(generations, full_text)),
    }
    return Searched(collection, dict(zip(ids, collection.texts, strict=True)), ways)


def _found_by(search: HybridSearch) -> Find:
    async def found(query: str) -> list[int]:
        return [match.paper_id for match in await search.search(query, DEPTH)]

    return found


async def _as_before(full_text: FullTextIndex, drafts: Mapping[int, PaperDraft]) -> Find:
    """Return the first search: the model as it comes, and the mean of both lists' shares of their best."""
    embedder = CachedBareMiniLM()
    vectors = VectorIndex(embedder.dimensions)
    encoded = await embedder.papers([(each.title, each.abstract) for each in drafts.values()])
    for paper_id, each in zip(drafts, encoded, strict=True):
        vectors.add({str(paper_id): unpack(each, embedder.dimensions, embedder.word_dimensions)})
        vectors.put({paper_id: str(paper_id)})

    async def found(query: str) -> list[int]:
        # It asked both for twice as many as it showed.
        by_word = await full_text.search(query, 2 * DEPTH)
        (vector, _), *_ = await embedder.queries([query])
        by_meaning = await vectors.nearest(vector, 2 * DEPTH)
        return ranking.as_before(by_word, by_meaning, dict(vectors.scores(vector, drafts)))

    return found


def _ids(hits: Sequence[tuple[int, float]]) -> list[int]:
    return [paper_id for paper_id, _ in hits]


def _draft(name: str, title: str, abstract: str) -> PaperDraft:
    """A text as a paper: no two are the same one, and what has no title is called by its name."""
    identifier = Identifier(Scheme.DOI, f"10.0000/{name.lower()}")
    return PaperDraft(
        title if title_key(title) else f"{name} {title}",
        abstract,
        "benchmark",
        identifiers=frozenset({identifier}),
    )


async def _measured(searched: Searched, find: Find) -> tuple[ranking.Measured, float]:
    """Return the measures of each query, and the milliseconds that one took."""
    queries = searched.collection.queries
    start = time.perf_counter()
    found = {key: await find(query) for key, query in queries.items()}
    milliseconds = 1000 * (time.perf_counter() - start) / len(queries)
    places = {name: paper_id for paper_id, name in searched.names.items()}
    right = [
        {places[name]: grade for name, grade in searched.collection.judged[key].items()} for key in queries
    ]
    return ranking.measured(list(found.values()), right), milliseconds


async def _tell(collection: Collection) -> None:
    embedder = CachedMiniLM()
    with tempfile.TemporaryDirectory() as temporary:
        address = f"sqlite:///{temporary}/papers.db"
        await migrate(address)
        store = SqlStore(address)
        start = time.perf_counter()
        searched = await _searched(collection, embedder, store)
        rest = time.perf_counter() - start - embedder.seconds
        print(f"\n## {collection.name}: {len(collection.texts):,} papers, {len(collection.queries)} queries")
        print(f"{embedder.encoded:,} encoded in {embedder.seconds:.0f} s; the rest took {rest:.0f} s\n")
        print("| way | nDCG@10 | R@10 | R@100 | gained over it | ms a query |\n|---|---|---|---|---|---|")
        ways = {name: await _measured(searched, find) for name, find in searched.ways.items()}
        ours, _ = ways[OURS]
        for name, (measured, milliseconds) in ways.items():
            figures = " | ".join(f"{figure:.3f}" for figure in measured.means())
            gain = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*ranking.interval(ours.ndcg, measured.ndcg))
            print(f"| {name} | {figures} | {'' if name == OURS else gain} | {milliseconds:.1f} |", flush=True)
        await store.close()
    embedder.close()


def _shared() -> Iterator[Collection]:
    for name in ("scifact", "cacm", "tldr-dev"):
        collection = load(SHARED / "data" / name)
        if name == "scifact":
            kept = list(collection.queries)[::KEPT]
            collection = replace(collection, queries={each: collection.queries[each] for each in kept})
        yield collection


if __name__ == "__main__":
    for each in map(load, map(Path, sys.argv[1:])) if sys.argv[1:] else _shared():
        asyncio.run(_tell(each))
