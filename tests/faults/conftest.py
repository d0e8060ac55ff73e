"""Planned digests, a strict platform to post them to, and a clock that the test sets, all in one process."""

import shutil
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import aiohttp
import pytest

from adapters.discord import DISCORD
from adapters.discord.outbound import client as calling
from adapters.discord.outbound.channels import DiscordChannels
from adapters.discord.outbound.conversation import DiscordContext as DiscordDesk
from adapters.discord.outbound.messages import Poster
from adapters.discord.outbound.surface import DiscordSurface
from adapters.slack import SLACK
from adapters.slack.outbound.client import Clients
from adapters.slack.outbound.surface import SlackSurface
from bot.domain.channel import Context, Layout, Origin
from bot.domain.post import Post, PostState, Trouble
from bot.ports.surface import Surface
from bot.posting.clocks import Clocks, PlatformClock
from bot.posting.delivery import Delivery
from bot.posting.pacing import Pacer
from storage.shared.rate_limits import LocalRateLimiter
from storage.sql.repositories.outbox import _POST, _post
from storage.sql.repositories.queues import EPOCH
from storage.sql.store import SqlStore, SqlTransaction
from storage.sql.tables import PostRow
from tests.delivering import delivery_over
from tests.discord_words import spoken
from tests.faults.platforms import token_of
from tests.servers.clock import ManualClock
from tests.servers.discord import faults as discord_faults
from tests.servers.discord import places
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import ADA, GUILD, born
from tests.servers.slack import faults as slack_faults
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import BOT_USER, TEAM, Channel
from tests.storage.making import NOW, TODAY, papers, plan

ANSWER_SECONDS = 0.4
"""How long these clients wait; a time-out of their own would take 20 or 45 seconds of real time."""
DISCORD_POSTS = ("POST /channels/{channel_id}/messages", "POST /channels/{channel_id}/threads")


@dataclass(frozen=True, slots=True)
class DiscordContext(ABC):
    """What is planned, where it goes, and what time it is."""

    store: SqlStore
    surface: Surface
    moved: ManualClock

    @abstractmethod
    def origin(self, channel: str) -> Origin:
        """Somebody in a channel of this name, which there is from now on."""

    @abstractmethod
    def meet_silence(self, accepted: Sequence[bool]) -> None:
        """Let the next posts have no answer, whether they are accepted or not."""

    @property
    @abstractmethod
    def tried(self) -> int:
        """How many posts have come to the platform."""

    @property
    @abstractmethod
    def tokens(self) -> Counter[str]:
        """How often each token stands on the platform, by the server's own record."""

    @property
    @abstractmethod
    def told(self) -> list[str]:
        """What the person who subscribed was told."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.moved.now, UTC)

    def elapsed(self) -> float:
        return self.moved.now

    async def sleep(self, seconds: float) -> None:
        self.moved.advance(seconds)

    def delivery(self, surface: Surface | None = None, worker: str = "one") -> Delivery:
        surfaces = {self.surface.platform: surface or self.surface}
        return delivery_over(self.store, surfaces, Clocks(self, surfaces), worker)

    async def arrive(self, tx: SqlTransaction, channel: str) -> Context:
        return await tx.directory.resolve(self.origin(channel), self.now())

    async def planned(self, channels: Sequence[str] = ("C1",), parts: int = 2, day: date = TODAY) -> None:
        """Plan a digest for each channel, with so many papers of its own."""
        async with self.store.writing() as tx:
            for channel in channels:
                context = await self.arrive(tx, channel)
                ids = await papers(tx, *(f"{channel} on {day}: {number}" for number in range(parts)))
                assert await plan(tx, context, *ids, local_date=day, now=self.now())

    async def lay_out(self, channel: str, layout: Layout) -> None:
        async with self.store.writing() as tx:
            context = await self.arrive(tx, channel)
            chosen = replace(context.channel.settings, layout=layout)
            await tx.directory.change_settings(context.channel.id, chosen)

    async def deliver_all(self, delivery: Delivery, rounds: int = 100) -> None:
        """Deliver until nothing is open, moving the clock to when there is something to do."""
        for _ in range(rounds):
            await delivery.deliver()
            async with self.store.reading() as tx:
                due = await tx.outbox.next_due([self.surface.platform])
            if due is None:
                return
            self.moved.now = max(self.moved.now, due.timestamp())
        raise AssertionError(f"something is still open after {rounds} rounds")

    async def troubled(self) -> list[Trouble]:
        async with self.store.reading() as tx:
            return await tx.outbox.list_troubles(EPOCH)

    async def in_state(self, state: PostState) -> list[Post]:
        async with self.store.reading() as tx:
            rows = await tx._connection.run(_POST.where(PostRow.state == state))
            return [_post(row) for row in rows]

    def assert_each_once(self, posts: int) -> None:
        """The server's own record has so many posts, each of them once."""
        assert (len(self.tokens), set(self.tokens.values())) == (posts, {1})


@dataclass(frozen=True, slots=True)
class AtSlack(DiscordContext):
    """What goes to Slack."""

    slack: SlackServer

    def origin(self, channel: str) -> Origin:
        self.slack.world.channels.setdefault(channel, Channel(channel, channel, members={BOT_USER, "U1ADA"}))
        return Origin(SLACK, TEAM, channel, "U1ADA", channel_name=channel)

    def meet_silence(self, accepted: Sequence[bool]) -> None:
        for each in accepted:
            fault = slack_faults.ACCEPTED_THEN_SILENT if each else slack_faults.SILENT
            self.slack.faults.next("chat.postMessage", fault)

    @property
    def tried(self) -> int:
        return len(self.slack.calls_of("chat.postMessage"))

    @property
    def tokens(self) -> Counter[str]:
        return self.slack.counted("token")

    @property
    def told(self) -> list[str]:
        return [message.text for message in self.slack.messages("DU1ADA")]


@dataclass(frozen=True, slots=True)
class AtDiscord(DiscordContext):
    """What goes to Discord, where channels whose names begin with F are forums."""

    discord: DiscordServer

    def origin(self, channel: str) -> Origin:
        channels = self.discord.world.guilds[GUILD].channels
        made = next((each for each in channels.values() if each.name == channel), None)
        if made is None:
            kind = places.FORUM if channel.startswith("F") else places.TEXT
            made = places.Channel(born(265_000_000_000, len(channels)), channel, kind, GUILD)
            channels[made.id] = made
        return Origin(DISCORD, str(GUILD), str(made.id), str(ADA), channel_name=channel)

    def meet_silence(self, accepted: Sequence[bool]) -> None:
        """One post in sixteen begins a forum's: a digest's first, where each fourth channel is one."""
        for number, each in enumerate(accepted):
            fault = discord_faults.ACCEPTED_THEN_SILENT if each else discord_faults.SILENT
            self.discord.faults.next(DISCORD_POSTS[number % 16 == 0], fault)

    @property
    def tried(self) -> int:
        return sum(len(self.discord.calls_of(route)) for route in DISCORD_POSTS)

    @property
    def tokens(self) -> Counter[str]:
        return Counter(filter(None, map(token_of, self.discord.world.posted)))

    @property
    def told(self) -> list[str]:
        return [spoken(each.components) for each in self.discord.messages(self.discord.world.direct(ADA).id)]


def pacer(platform: str, moved: ManualClock) -> Pacer:
    return Pacer(platform, LocalRateLimiter(pause=moved.sleep, clock=moved))


@dataclass(frozen=True, slots=True)
class Elapsing:
    """Counts the seconds that the test lets pass."""

    moved: ManualClock

    def elapsed(self) -> float:
        return self.moved.now


def own_clock(platform: str, moved: ManualClock) -> PlatformClock:
    return PlatformClock(platform, Elapsing(moved))


@pytest.fixture
async def desk(migrated_file, tmp_path):
    moved = ManualClock(NOW.timestamp())
    store = SqlStore(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    waiting = aiohttp.ClientTimeout(ANSWER_SECONDS)

    async def token(_workspace: str) -> str:
        return "xoxb-bot"

    async with SlackServer(clock=moved) as slack, aiohttp.ClientSession(timeout=waiting) as session:
        clients = Clients(session, slack.base_url, token, pacer("Slack", moved), own_clock("Slack", moved))
        made = AtSlack(store, SlackSurface(clients), moved, slack)
        await made.surface.ping()
        yield made
    await store.close()


@pytest.fixture
async def discord_desk(migrated_file, tmp_path, monkeypatch):
    monkeypatch.setattr(calling, "ANSWER_SECONDS", ANSWER_SECONDS)
    moved = ManualClock(NOW.timestamp())
    store = SqlStore(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    async with (
        DiscordServer(clock=moved) as discord,
        calling.Rest(
            discord.token,
            discord.api,
            discord.gateway_url,
            pacer("Discord", moved),
            own_clock("Discord", moved),
        ) as rest,
    ):
        surface = DiscordSurface(DiscordDesk(rest, DiscordChannels(rest), Poster(rest)))
        await surface.ping()
        yield AtDiscord(store, surface, moved, discord)
    await store.close()


@pytest.fixture(params=["slack", "discord"])
def any_desk(request):
    return request.getfixturevalue({"slack": "desk", "discord": "discord_desk"}[request.param])
