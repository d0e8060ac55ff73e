"""Measure a large import, and the same import again: `python benchmarks/reingest.py [PAPERS]`.

`PaperLibrary.add` has a new SQLite file, empty indexes and drafts streamed from ../shared's arXiv file.
Nothing is encoded, as benchmarks/ingest.py measures that: vectors come from the disk. Papers that
benchmarks/vector_cache.py has not encoded take another paper's, and are counted. Memory is this process's
at each tenth of the papers. The second import must find every paper unchanged.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ingest import SystemClock
from vector_cache import OnlyKept, arxiv

from bot.domain.paper import Outcome
from papers.library import PaperLibrary
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore

PAPERS = 50_000


def _memory() -> float:
    """What this process has in memory now, in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (kibibytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kibibytes) / 1024


def _watching(papers: int) -> Callable[[int], None]:
    """Print a line of memory at each tenth of so many papers."""
    start, taken, told = time.perf_counter(), 0, 0

    def advance(more: int) -> None:
        nonlocal taken, told
        taken += more
        if taken * 10 // papers > told:
            told = taken * 10 // papers
            print(f"| {taken:,} | {time.perf_counter() - start:.0f} | {_memory():.0f} |", flush=True)

    return advance


async def _taken(library: PaperLibrary, papers: int, outcome: Outcome) -> float:
    """Take the papers in; the seconds it took. All of them have to come to the same."""
    start = time.perf_counter()
    report = await library.add(arxiv(papers), _watching(papers))
    assert report.count(outcome) == len(report.stored), report
    return time.perf_counter() - start


async def main(papers: int) -> None:
    """Print the tables."""
    embedder = OnlyKept()
    await embedder.queries(["warm"])
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/papers.db"
        await migrate(address)
        store = SqlStore(address)
        vectors = VectorIndex(embedder.dimensions)
        library = PaperLibrary(
            store, embedder, FullTextIndex(), vectors, clock=SystemClock(), wakeup=LocalWakeup()
        )
        print("| papers | seconds | MiB |\n|---|---|---|")
        first = await _taken(library, papers, Outcome.NEW)
        again = await _taken(library, papers, Outcome.UNCHANGED)
        await store.close()
    print(f"\nfirst {first:.0f} s, again {again:.0f} s: {first / again:.1f} times faster")
    print(f"{embedder.borrowed:,} papers have another's vectors")
    embedder.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS))
