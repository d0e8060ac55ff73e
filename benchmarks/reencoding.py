"""Measure the change to another model: `python benchmarks/reencoding.py [PAPERS]`.

The papers are tldr-dev's of ../shared, with vectors of the model as releases before had it. A process encodes
them anew, as `paperclub run` does, while people search without a pause, one query after the other. It is
killed (SIGKILL) when half of the papers are done; a second process does the rest. Each query has one right
paper. Beside it: searches before anything is encoded, and once all is done.
"""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from beir import Collection, load
from search_quality import SystemClock, _draft
from vector_cache import SHARED, CachedBareMiniLM

from bot.domain.identifiers import title_key
from papers.embedding import BareMiniLM, MiniLM
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from papers.search import HybridSearch
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore

PAPERS = 1_200
QUIET = 200
"""Searches that are measured while nothing is encoded: the same before and after."""
LOOKS_EVERY = 0.05
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Searched:
    """One search: when, how long it took, and the place of the right paper, if it is among the first."""

    phase: str
    milliseconds: float
    rank: int | None


class Process:
    """What a process of the program has for searching."""

    def __init__(self, store: SqlStore) -> None:
        newest, earlier = MiniLM(cached_queries=0), BareMiniLM(cached_queries=0)
        self.generations = Generations(
            Generation(newest, VectorIndex(newest.dimensions)),
            Generation(earlier, VectorIndex(earlier.dimensions)),
        )
        full_text = FullTextIndex()
        self.library = PaperLibrary(
            store, self.generations, full_text, clock=SystemClock(), wakeup=LocalWakeup()
        )
        self.search = HybridSearch(self.generations, full_text)
        self.encodes = False

    @property
    def phase(self) -> str:
        """What goes on."""
        earlier = self.generations.serving is self.generations.earlier
        return ("while papers are encoded" if self.encodes else "before") if earlier else "after"


def _chosen(papers: int) -> Collection:
    """Return so many papers, with the queries whose right paper is among them."""
    whole = load(SHARED / "data" / "tldr-dev")
    right = {name for judged in whole.judged.values() for name in judged}
    names = sorted(whole.texts, key=lambda name: name not in right)[:papers]
    queries = {key: text for key, text in whole.queries.items() if whole.judged[key].keys() <= set(names)}
    return Collection(whole.name, {name: whole.texts[name] for name in names}, queries, whole.judged)


async def _fill(url: str, collection: Collection) -> None:
    """Store the papers as the release before did."""
    await migrate(url)
    store, embedder = SqlStore(url), CachedBareMiniLM()
    generations = Generations(Generation(embedder, VectorIndex(embedder.dimensions)))
    library = PaperLibrary(store, generations, FullTextIndex(), clock=SystemClock(), wakeup=LocalWakeup())
    await library.add(_draft(name, *text) for name, text in collection.texts.items())
    await store.close()
    embedder.close()


async def _serve(url: str, papers: int) -> None:
    """Be a process after the upgrade: search without a pause, and encode until none is left."""
    collection, store = _chosen(papers), SqlStore(url)
    process = Process(store)
    await process.library.refresh()
    right = await _right(store, collection)
    queries = list(right.items())
    for query in queries[:QUIET]:
        await _search(process, *query)
    process.encodes = True
    encoding = asyncio.create_task(_encode(process))
    for query in cycle(queries):
        if encoding.done():
            break
        await _search(process, *query)
    await encoding
    for query in queries[:QUIET]:
        await _search(process, *query)
    await store.close()


async def _right(store: SqlStore, collection: Collection) -> Mapping[str, int]:
    """Return the right paper's number for each query."""
    found = {}
    async with store.reading() as tx:
        for key, text in collection.queries.items():
            (name,) = collection.judged[key]
            paper_id = await tx.papers.find_by_title(title_key(_draft(name, *collection.texts[name]).title))
            assert paper_id is not None
            found[text] = paper_id
    return found


async def _encode(process: Process) -> None:
    while await process.library.encode_anew():
        pass
    await process.library.refresh()


async def _search(process: Process, query: str, right: int) -> None:
    """Search once, as a command does, and print what it was like at once: the process may be killed."""
    phase, start = process.phase, time.perf_counter()
    await process.library.refresh()
    found = [match.paper_id for match in await process.search.search(query, SHOWN)]
    milliseconds = 1000 * (time.perf_counter() - start)
    rank = found.index(right) if right in found else None
    print(json.dumps([phase, milliseconds, rank]), flush=True)


def _run(url: str, papers: int, file: Path, kill_at: int | None) -> tuple[list[Searched], float]:
    """Run a process until it ends, or is killed once so many papers are encoded anew."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        command = [sys.executable, __file__, "--serve", url, str(papers)]
        started = subprocess.Popen(command, stdout=output)  # noqa: S603 - ourselves
        while started.poll() is None:
            if kill_at is not None and _encoded(file) >= kill_at:
                started.send_signal(signal.SIGKILL)
            time.sleep(LOOKS_EVERY)
        assert started.returncode == (-signal.SIGKILL if kill_at is not None else os.EX_OK)
        output.seek(0)
        # The last line of one that was killed may be cut off.
        lines = [line for line in output if line.endswith("]\n")]
    return [Searched(*json.loads(line)) for line in lines], time.perf_counter() - start


def _encoded(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        wanted = "SELECT count(*) FROM vectors WHERE model = ?"
        return int(connection.execute(wanted, [MiniLM.name]).fetchone()[0])


def _rows(searched: Sequence[Searched]) -> Iterator[str]:
    for phase in ("before", "while papers are encoded", "after"):
        those = [each for each in searched if each.phase == phase]
        if those:
            times = np.percentile([each.milliseconds for each in those], (50, 99, 100))
            found = sum(each.rank is not None for each in those) / len(those)
            yield f"{phase} | {len(those):,} | {' | '.join(f'{each:.0f}' for each in times)} | {found:.3f}"


def main(papers: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "papers.db"
        url = f"sqlite:///{file}"
        asyncio.run(_fill(url, _chosen(papers)))
        first, seconds = _run(url, papers, file, papers // 2)
        kept = _encoded(file)
        second, more = _run(url, papers, file, None)
        print(f"{papers:,} papers. The first process was killed after {seconds:.0f} s with {kept:,} encoded;")
        print(f"the second did the other {_encoded(file) - kept:,} and ended after {more:.0f} s.\n")
        print("| | searches | p50, ms | p99, ms | longest, ms | right paper among ten |")
        print("|---|---|---|---|---|---|")
        for name, searched in (("first", first), ("second", second)):
            for row in _rows(searched):
                print(f"| {name} process, {row} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(_serve(sys.argv[2], int(sys.argv[3])))
    else:
        main(*map(int, sys.argv[1:]) if sys.argv[1:] else [PAPERS])
