"""Measure planning and claiming: `python benchmarks/planning.py [CHANNELS]`, on SQLite and PostgreSQL.

At nine o'clock as many channels are due, each subscribed to three topics, some of them popular and most rare,
or to three that nobody else has. They are planned by the planner, together, and some of them by the naive
way, one after the other: read, match and store for each. Then workers claim posts, twenty at a time, while
all the digests wait. The papers of the week are ../shared's from arXiv, as benchmarks/vector_cache.py
encodes them.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as local
from pathlib import Path

from vector_cache import CachedMiniLM, arxiv

from bot.delivery import AT_ONCE, LEASE_SECONDS
from bot.models import Origin, Platform, Slot, SubscriptionDraft
from bot.planning import DigestPlanner
from papers.library import PaperLibrary
from papers.search import HybridSearch
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore, SqlTransaction
from tests.servers.databases import postgres_server

CHANNELS = 10_000
ONE_BY_ONE = 200
"""So many channels are planned by the naive way."""
PAPERS = 2_000
TOPICS = 500
WISHES = 3
CLAIMS = 50
NINE = Slot(local(9), "UTC")
DAY = datetime(2026, 9, 21, tzinfo=UTC)
DUE = DAY + timedelta(hours=9)
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class SetClock:
    """A clock that is set."""

    time: datetime = DAY

    def now(self) -> datetime:
        """The time that it is set to."""
        return self.time


class Bench:
    """A store with the week's papers, and who plans over it."""

    def __init__(self, store: SqlStore, embedder: CachedMiniLM) -> None:
        self.store = store
        self.clock = SetClock()
        full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions)
        self._library = PaperLibrary(
            store, embedder, full_text, vectors, clock=self.clock, wakeup=LocalWakeup()
        )
        self.planner = DigestPlanner(store, HybridSearch(embedder, full_text, vectors), self.clock)

    async def fill(self) -> None:
        """Take the papers in, as listed in the last days."""
        await self._library.add(
            replace(draft, listed=(DAY - timedelta(days=number % 7)).date())
            for number, draft in enumerate(arxiv(PAPERS))
        )

    async def subscribe(self, name: str, wishes: Sequence[Sequence[str]], apart: timedelta) -> None:
        """Make a channel for each of these, subscribed to its topics, the first due at nine."""
        self.clock.time = DAY
        for start in range(0, len(wishes), 100):
            async with self.store.writing() as tx:
                for number, topics in enumerate(wishes[start : start + 100], start):
                    await self._subscribe(tx, f"{name}-{number}", topics, DUE + number * apart)

    async def _subscribe(
        self, tx: SqlTransaction, channel: str, topics: Sequence[str], due: datetime
    ) -> None:
        origin = Origin(Platform.SLACK, "workspace", channel, "person")
        here = await tx.directory.resolve(origin, DAY)
        for topic in topics:
            await tx.subscriptions.put(here, SubscriptionDraft(topic, NINE), DAY)
        await tx.schedule.set_due({(here.channel.id, NINE): due}, DAY)

    async def plan(self, rounds: int, apart: timedelta) -> float:
        """Plan what is due in rounds from nine on; how many seconds that took."""
        start = time.perf_counter()
        for number in range(rounds):
            self.clock.time = DUE + number * apart
            await self.planner.plan_due()
        return time.perf_counter() - start

    async def claim(self) -> list[float]:
        """Claim posts and see them sent; the milliseconds of each claim."""
        taken = []
        for _ in range(CLAIMS):
            start = time.perf_counter()
            async with self.store.writing() as tx:
                await tx.outbox.claim([Platform.SLACK], "worker", self.clock.now(), LEASE_SECONDS, AT_ONCE)
            taken.append(1000 * (time.perf_counter() - start))
        return taken


def _topics() -> list[str]:
    """Three words of a title each."""
    titles = [draft.title.split() for draft in arxiv(60_000)]
    return list(dict.fromkeys(" ".join(title[1:4]).strip(":,.") for title in titles if len(title) > 4))


def _popular(channels: int, topics: Sequence[str]) -> list[list[str]]:
    """The first topic is wanted most, the second half as often, and so on."""
    chance = random.Random(1)
    known = topics[:TOPICS]
    weights = [1 / place for place in range(1, TOPICS + 1)]
    return [list(dict.fromkeys(chance.choices(known, weights, k=WISHES))) for _ in range(channels)]


def _rare(channels: int, topics: Sequence[str]) -> list[list[str]]:
    own = topics[TOPICS:]
    return [
        [own[(WISHES * number + each) % len(own)] for each in range(WISHES)] for number in range(channels)
    ]


@asynccontextmanager
async def _databases() -> AsyncIterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        async with server.empty_database() as url:
            yield {"SQLite": f"sqlite:///{Path(folder) / 'planning.db'}", "PostgreSQL": url}


async def _measure(name: str, url: str, embedder: CachedMiniLM, channels: int, topics: list[str]) -> None:
    await migrate(url)
    store = SqlStore(url)
    bench = Bench(store, embedder)
    await bench.fill()
    for what, wishes in (("500 topics", _popular), ("a topic each", _rare)):
        await bench.subscribe(f"{what}, one by one", wishes(ONE_BY_ONE, topics), SECOND)
        naive = 1000 * await bench.plan(ONE_BY_ONE, SECOND) / ONE_BY_ONE
        count = channels if wishes is _popular else channels // 10
        await bench.subscribe(what, wishes(count, topics[WISHES * ONE_BY_ONE :]), timedelta())
        seconds = await bench.plan(1, timedelta())
        ratio = naive * count / 1000 / seconds
        print(f"| {name} | {what} | {count:,} | {naive:.1f} | {seconds:.1f} | {ratio:.1f} |", flush=True)
    claims = await bench.claim()
    print(f"{name}: a claim of {AT_ONCE} posts takes {statistics.median(claims):.1f} ms while all wait")
    await store.close()


async def main(channels: int) -> None:
    """Print the table."""
    embedder, topics = CachedMiniLM(), _topics()
    await embedder.queries(["warm"])
    print("| database | topics | channels | naive, ms a channel | together, s | naive / together |")
    print("|---|---|---|---|---|---|")
    async with _databases() as databases:
        for name, url in databases.items():
            await _measure(name, url, embedder, channels, topics)
    embedder.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CHANNELS))
