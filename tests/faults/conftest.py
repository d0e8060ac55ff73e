"""Planned digests, a strict Slack to post them to, and a clock that the test sets, all in one process."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import aiohttp
import pytest

from adapters.slack.calling import Clients
from adapters.slack.surface import SlackSurface
from bot.delivery import Delivery
from bot.models import Here, Layout, Platform, Post, PostState
from bot.ports import Surface
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore, SqlTransaction
from tests.servers.clock import ManualClock
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import BOT_USER, TEAM, Channel
from tests.storage.making import NOW, TODAY, origin, papers, plan

ANSWER_SECONDS = 0.4
"""How long these clients wait for Slack; a time-out of its own would take 20 seconds of real time."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What is planned, where it goes, and what time it is."""

    store: SqlStore
    slack: SlackServer
    surface: SlackSurface
    moved: ManualClock

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.moved.now, UTC)

    def delivery(self, surface: Surface | None = None, worker: str = "one") -> Delivery:
        return Delivery(self.store, {Platform.SLACK: surface or self.surface}, self, worker)

    async def arrive(self, tx: SqlTransaction, channel: str) -> Here:
        self.slack.world.channels.setdefault(channel, Channel(channel, channel, members={BOT_USER, "U1ADA"}))
        place = replace(origin("U1ADA", channel, TEAM, channel_name=channel), platform=Platform.SLACK)
        return await tx.directory.resolve(place, self.now())

    async def planned(self, channels: Sequence[str] = ("C1",), parts: int = 2, day: date = TODAY) -> None:
        """Plan a digest for each channel, with so many papers of its own."""
        async with self.store.writing() as tx:
            for channel in channels:
                here = await self.arrive(tx, channel)
                ids = await papers(tx, *(f"{channel} on {day}: {number}" for number in range(parts)))
                assert await plan(tx, here, *ids, local_date=day, now=self.now())

    async def lay_out(self, channel: str, layout: Layout) -> None:
        async with self.store.writing() as tx:
            here = await self.arrive(tx, channel)
            chosen = replace(here.channel.settings, layout=layout)
            await tx.directory.change_settings(here.channel.id, chosen)

    async def deliver_all(self, delivery: Delivery, rounds: int = 100) -> None:
        """Deliver until nothing is open, moving the clock to when there is something to do."""
        for _ in range(rounds):
            await delivery.deliver()
            async with self.store.reading() as tx:
                due = await tx.outbox.next_due([Platform.SLACK])
            if due is None:
                return
            self.moved.now = max(self.moved.now, due.timestamp())
        raise AssertionError(f"something is still open after {rounds} rounds")

    async def troubled(self) -> list[tuple[Post, str]]:
        async with self.store.reading() as tx:
            return await tx.outbox.troubled(1000)

    async def in_state(self, state: PostState) -> list[Post]:
        return [post for post, _ in await self.troubled() if post.state is state]

    @property
    def told(self) -> list[str]:
        """What the person who subscribed was told."""
        return [message.text for message in self.slack.messages("DU1ADA")]

    def assert_each_once(self, posts: int) -> None:
        """The server's own record has so many posts, each of them once."""
        tokens = self.slack.counted("token")
        assert (len(tokens), set(tokens.values())) == (posts, {1})


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    file = tmp_path_factory.mktemp("template") / "paperclub.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
async def desk(migrated, tmp_path):
    moved = ManualClock(NOW.timestamp())
    store = SqlStore(f"sqlite:///{shutil.copy(migrated, tmp_path)}")
    waiting = aiohttp.ClientTimeout(ANSWER_SECONDS)

    async def token(_workspace: str) -> str:
        return "xoxb-bot"

    async with SlackServer(clock=moved) as slack, aiohttp.ClientSession(timeout=waiting) as session:
        yield Desk(store, slack, SlackSurface(Clients(session, slack.base_url, token)), moved)
    await store.close()
