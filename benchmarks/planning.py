"""Measure planning and the outbox: `python benchmarks/planning.py [CHANNELS]`, on SQLite and PostgreSQL.

All channels are due at nine o'clock. Each is subscribed to three of 500 topics, of which a few are far more
popular than the rest; a tenth as many channels have three topics that nobody else has. They are planned
together, and some of them one at a time. Then, while all their posts wait, the outbox is queried for what may
be sent and for when there will be more. The alternative answers the same from the posts, without queues. The
papers of the week are ../shared's from arXiv, as encoded by benchmarks/vector_cache.py.
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
from typing import Any

import sqlalchemy
from sqlalchemy import Executable, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased
from vector_cache import CachedMiniLM, arxiv

from adapters.slack import SLACK
from bot.domain.channel import Context, EditPolicy, Layout, Origin
from bot.domain.post import PostState
from bot.domain.subscription import Slot
from bot.posting.clocks import Clocks
from bot.posting.delivery import LEASE_SECONDS, MAX_IN_FLIGHT_PER_TEAM
from bot.posting.planner import DigestPlanner
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from papers.search import HybridSearch
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations import migrate
from storage.sql.repositories.queues import READY_AT
from storage.sql.repositories.rows import open_states
from storage.sql.store import SqlStore
from storage.sql.tables import Base, ChannelRow, PostRow, SubscriptionRow
from tests.servers.databases import postgres_server

CHANNELS = 10_000
ONE_BY_ONE = 50
"""Channels that are planned one at a time."""
PAPERS = 2_000
TOPICS = 500
WISHES = 3
ASKED = 20
NINE = Slot(local(9), "UTC")
DAY = datetime(2026, 9, 21, tzinfo=UTC)
DUE = DAY + timedelta(hours=9)
SECOND = timedelta(seconds=1)


class Timeless:
    """Slack, where nothing is sent, by the bench's own clock."""

    own_clock = None


@dataclass(slots=True)
class SetClock:
    """A clock that is set."""

    time: datetime = DAY

    def now(self) -> datetime:
        """The time that it is set to."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Set it so much later."""
        self.time += timedelta(seconds=seconds)


class Bench:
    """A store with the week's papers, and a planner over it."""

    def __init__(self, url: str, embedder: CachedMiniLM) -> None:
        self.store = store = SqlStore(url)
        self.engine = for_writing(make_engine(url))
        self.clock = SetClock()
        full_text, vectors, bell = FullTextIndex(), VectorIndex(embedder.dimensions), LocalWakeup()
        generations = Generations(Generation(embedder, vectors))
        self._library = PaperLibrary(store, generations, full_text, clock=self.clock, wakeup=bell)
        search = HybridSearch(generations, full_text)
        self.planner = DigestPlanner(store, search, Clocks(self.clock, {SLACK: Timeless()}), bell)

    async def fill(self) -> None:
        """Import the papers, as listed in the last days."""
        await self._library.add(
            replace(draft, listed=(DAY - timedelta(days=number % 7)).date())
            for number, draft in enumerate(arxiv(PAPERS))
        )

    async def subscribe(self, name: str, wishes: Sequence[Sequence[str]], apart: timedelta) -> None:
        """Make a channel for each of these, subscribed to its topics, the first due at nine."""
        self.clock.time = DAY
        async with self.store.writing() as tx:
            context = await tx.directory.resolve(Origin(SLACK, "workspace", "general", "person"), DAY)
        async with self.engine.begin() as connection:
            workspace = select(ChannelRow.workspace_id).where(ChannelRow.id == context.channel.id)
            number = (await connection.execute(workspace)).scalar_one()
            channels = [_channel(context, number, f"{name}-{place}") for place in range(len(wishes))]
            ids = await _added(connection, ChannelRow, channels)
            wanted = zip(ids, wishes, strict=True)
            topics = [_wish(context, each, topic) for each, topics in wanted for topic in topics]
            await _added(connection, SubscriptionRow, topics)
        async with self.store.writing() as tx:
            due = {(each, NINE): DUE + place * apart for place, each in enumerate(ids)}
            await tx.schedule.set_due(due, DAY)

    async def plan(self, rounds: int, apart: timedelta) -> float:
        """Plan what is due, in rounds from nine on. Returns the seconds."""
        start = time.perf_counter()
        for number in range(rounds):
            self.clock.time = DUE + number * apart
            await self.planner.plan_due()
        return time.perf_counter() - start

    async def open_posts(self) -> int:
        """Return the number of waiting posts."""
        async with self.engine.connect() as connection:
            return int((await connection.execute(select(func.count()).where(*_OPEN))).scalar_one())

    async def claim(self) -> None:
        """Claim posts."""
        async with self.store.writing() as tx:
            posts = await tx.outbox.claim(
                [SLACK], "worker", self.clock.now(), LEASE_SECONDS, MAX_IN_FLIGHT_PER_TEAM
            )
            assert len(posts) == MAX_IN_FLIGHT_PER_TEAM

    async def next_due(self) -> None:
        """Query when there is more to send."""
        async with self.store.reading() as tx:
            assert await tx.outbox.next_due([SLACK]) is not None

    async def ask(self, question: Executable) -> None:
        """Answer a query from the posts."""
        async with self.engine.connect() as connection:
            assert (await connection.execute(question)).all()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        await self.store.close()


def _channel(context: Context, workspace: int, name: str) -> dict[str, Any]:
    return {
        "team_id": context.team_id,
        "workspace_id": workspace,
        "external_id": name,
        "name": name,
        "timezone": "UTC",
        "post_at": NINE.at,
        "layout": Layout.THREADED,
        "edit_policy": EditPolicy.ANYONE,
    }


def _wish(context: Context, channel: int, topic: str) -> dict[str, Any]:
    return {
        "team_id": context.team_id,
        "channel_id": channel,
        "topic": topic,
        "topic_key": topic.casefold(),
        "at": NINE.at,
        "timezone": NINE.timezone,
        "days": 127,
        "categories": [],
        "min_votes": 0,
        "top": 3,
        "created_by": context.person.id,
        "created": DAY,
        "paused": False,
        "ended": False,
    }


async def _added(connection: AsyncConnection, table: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    ids: list[int] = []
    for start in range(0, len(rows), 1000):
        insert = sqlalchemy.insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
        ids += (await connection.execute(insert, rows[start : start + 1000])).scalars()
    return ids


_Earlier = aliased(PostRow)
_OPEN = (PostRow.state.in_(open_states()),)
_FIRST = (
    *_OPEN,
    ~select(_Earlier.id)
    .where(
        _Earlier.channel_id == PostRow.channel_id,
        _Earlier.state.in_(open_states()),
        or_(
            _Earlier.digest_id < PostRow.digest_id,
            (_Earlier.digest_id == PostRow.digest_id) & (_Earlier.part < PostRow.part),
        ),
    )
    .exists(),
)
_READY = (
    select(PostRow.id)
    .where(*_FIRST, PostRow.state == PostState.PLANNED)
    .order_by(PostRow.part, PostRow.planned_at, PostRow.digest_id)
    .limit(MAX_IN_FLIGHT_PER_TEAM)
)
_EARLIEST = select(func.min(READY_AT)).where(*_FIRST)
"""The same questions without queues."""


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


async def _plan(name: str, bench: Bench, channels: int, topics: list[str]) -> None:
    for what, wishes in (("500 topics", _popular), ("topics of their own", _rare)):
        await bench.subscribe(f"{what}, one at a time", wishes(ONE_BY_ONE, topics), SECOND)
        one = await bench.plan(ONE_BY_ONE, SECOND) / ONE_BY_ONE
        count = channels if wishes is _popular else channels // 10
        await bench.subscribe(what, wishes(count, topics[WISHES * ONE_BY_ONE :]), timedelta())
        seconds = await bench.plan(1, timedelta())
        figures = (
            f"{seconds:.1f} | {1000 * seconds / count:.1f} | {1000 * one:.1f} | {one * count / seconds:.1f}"
        )
        print(f"| {name} | {count:,} with {what} | {figures} |", flush=True)


async def _ask(name: str, bench: Bench) -> None:
    count = await bench.open_posts()
    for what, ours, other in (
        (f"claim {MAX_IN_FLIGHT_PER_TEAM}", bench.claim, _READY),
        ("when is there more", bench.next_due, _EARLIEST),
    ):
        queued, asked = await _median(ours), await _median(lambda other=other: bench.ask(other))
        print(
            f"| {name} | {what}, {count:,} open | {queued:.1f} | {asked:.1f} | {asked / queued:.0f} |",
            flush=True,
        )


async def _median(asked: Any) -> float:
    times = []
    for _ in range(ASKED):
        start = time.perf_counter()
        await asked()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


async def main(channels: int) -> None:
    """Print both tables."""
    embedder, topics = CachedMiniLM(), _topics()
    await embedder.queries(["warm"])
    benches = {}
    print("| database | channels due | together, s | each, ms | one at a time, each, ms | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    async with _databases() as databases:
        for name, url in databases.items():
            await migrate(url)
            benches[name] = Bench(url, embedder)
            await benches[name].fill()
            await _plan(name, benches[name], channels, topics)
        print("\n| database | question | from the queues, ms | from the posts, ms | ratio |")
        print("| --- | --- | --- | --- | --- |")
        for name, bench in benches.items():
            await _ask(name, bench)
            await bench.close()
    embedder.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CHANNELS))
