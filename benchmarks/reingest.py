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
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore

PAPERS = 50_000


def _memory() -> float:
    """Return this process's memory in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (kibibytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kibibytes) / 1024


def _watching(papers: int) -> Callable[[int], None]:
    """Return a progress function that prints the memory at each tenth of the papers."""
    start, done, reported = time.perf_counter(), 0, 0

    def advance(more: int) -> None:
        nonlocal done, reported
        done += more
        if done * 10 // papers > reported:
            reported = done * 10 // papers
            print(f"| {done:,} | {time.perf_counter() - start:.0f} | {_memory():.0f} |", flush=True)

    return advance


async def _import(library: PaperLibrary, papers: int, outcome: Outcome) -> float:
    """Import the papers, and check that all have this outcome. Returns the seconds."""
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
            store,
            Generations(Generation(embedder, vectors)),
            FullTextIndex(),
            clock=SystemClock(),
            wakeup=LocalWakeup(),
        )
        print("| papers | seconds | MiB |\n|---|---|---|")
        first = await _import(library, papers, Outcome.NEW)
        second = await _import(library, papers, Outcome.UNCHANGED)
        await store.close()
    print(f"\nfirst {first:.0f} s, again {second:.0f} s: {first / second:.1f} times faster")
    print(f"{embedder.borrowed:,} papers have another's vectors")
    embedder.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS))
