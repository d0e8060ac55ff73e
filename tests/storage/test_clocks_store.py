"""Processes whose clocks are wrong, or that have no surface for a platform, over one database."""

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.channel import Context, Origin, Platform
from bot.domain.message import MessageRef
from bot.domain.post import PostState
from bot.posting.clocks import Clocks, PlatformClock
from bot.posting.delivery import LEASE_SECONDS
from bot.posting.due_times import reschedule
from bot.posting.planner import DigestPlanner
from storage.shared.wakeup import LocalWakeup
from storage.sql.store import SqlStore
from tests.delivering import delivery_over
from tests.storage.making import NINE, NOW, later, papers, plan, subscribe

HOURS = [-14, -3, 3, 14]
DUE = NOW.replace(hour=7) + timedelta(days=1)
"""Nine o'clock of tomorrow in Paris."""


class Wall:
    """A computer's clock, which may be wrong, and its counter, which is not."""

    def __init__(self, hours=0.0, true=NOW):
        self.true, self.ahead = true, timedelta(hours=hours)

    def now(self) -> datetime:
        return self.true + self.ahead

    def elapsed(self) -> float:
        return self.true.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.true += timedelta(seconds=seconds)


class Standing:
    """A platform that keeps what it is sent, one for several processes."""

    def __init__(self):
        self.messages: list[tuple[datetime, str]] = []
        self.told: list[str] = []


class Surface:
    """One process's way to it; a post goes through once it is let."""

    post_interval = timedelta()
    single_posts = False
    max_resends = None

    def __init__(self, standing, wall, platform=SLACK):
        self.standing, self.wall, self.platform = standing, wall, platform
        self.own_clock, self.post_interval = PlatformClock(platform, wall), timedelta(seconds=1)
        self.reached, self.gone_on = asyncio.Event(), asyncio.Event()
        self.gone_on.set()

    async def ping(self):
        self.own_clock.sync(format_datetime(self.wall.true, usegmt=True))

    async def send(self, channel, _reply, token, _thread):
        self.reached.set()
        await self.gone_on.wait()
        self.standing.messages.append((self.wall.true, token))
        return MessageRef(channel.external_id, token)

    async def find(self, channel, token, since, *_):
        found = [each for at, each in self.standing.messages if each == token and at >= since]
        return MessageRef(channel.external_id, token) if found else None

    async def notify(self, _workspace, person, _notice):
        self.standing.told.append(person)


class NoSearch:
    async def match_topics(self, topics, _among):
        return [[] for _ in topics]


class Process:
    """What plans and sends, with a clock that is so many hours ahead."""

    def __init__(self, store, standing, hours=0.0, *, name="one", platform=SLACK):
        self.wall = Wall(hours)
        self.surface = Surface(standing, self.wall, platform)
        surfaces = {platform: self.surface}
        self.clocks = Clocks(self.wall, surfaces)
        self.planner = DigestPlanner(store, NoSearch(), self.clocks, LocalWakeup())
        self.delivery = delivery_over(store, surfaces, self.clocks, name)


async def arrive(tx, platform: Platform = SLACK) -> Context:
    return await tx.directory.resolve(Origin(platform, "T1", "C1", "U1"), NOW)


async def subscribed(store: SqlStore, platform: Platform = SLACK) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, platform)
        await subscribe(tx, context)
        await reschedule(tx, context.channel.id, NINE, NOW)


async def planned(store: SqlStore, platform: Platform = SLACK, at: datetime = NOW) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, platform)
        await subscribe(tx, context)
        assert await plan(tx, context, *await papers(tx, "One"), now=at)


async def posts(store: SqlStore, state: PostState) -> int:
    async with store.reading() as tx:
        troubled = await tx.outbox.list_troubles(later(days=-400))
        return sum(each.post.state is state for each in troubled)


@pytest.mark.parametrize("hours", HOURS)
async def test_a_slot_is_planned_when_it_is_due_on_the_platform_whatever_our_clock_says(store, hours):
    await subscribed(store)
    process = Process(store, Standing(), hours)
    await process.clocks.sync()
    assert await process.planner.plan_due() == 0, "tomorrow's slot is not posted today"
    assert await process.planner.next_due() == (DUE - NOW).total_seconds()
    process.wall.true = DUE
    assert await process.planner.plan_due() == 1


async def test_nothing_is_planned_or_sent_before_the_platform_has_answered(store):
    await subscribed(store)
    await planned(store)
    standing = Standing()
    process = Process(store, standing)
    process.wall.true = DUE
    assert await process.planner.plan_due() == 0
    assert await process.delivery.deliver() == 0
    assert not standing.messages
    await process.clocks.sync()
    assert await process.planner.plan_due() == 1
    await process.delivery.deliver()
    assert standing.messages


@pytest.mark.parametrize("hours", HOURS)
async def test_a_post_under_way_is_not_taken_over_by_a_process_whose_clock_is_wrong(store, hours):
    await planned(store)
    standing = Standing()
    right, wrong = Process(store, standing), Process(store, standing, hours, name="two")
    await right.clocks.sync()
    await wrong.clocks.sync()
    right.surface.gone_on.clear()
    assert await right.delivery.start_due() == 1
    await right.surface.reached.wait()
    assert await wrong.delivery.start_due() == 0
    wrong.wall.ahead = timedelta(hours=-hours)
    assert await wrong.delivery.start_due() == 0
    right.surface.gone_on.set()
    await right.delivery.deliver()
    wrong.wall.true += timedelta(seconds=2 * LEASE_SECONDS)
    await wrong.delivery.deliver()
    tokens = [token for _, token in standing.messages]
    assert len(tokens) == len(set(tokens)) == 2


@pytest.mark.parametrize("ahead", [3, 14])
async def test_a_post_is_looked_for_from_when_it_was_sent_though_planned_by_a_clock_ahead(store, ahead):
    await planned(store, at=later(hours=ahead))
    async with store.writing() as tx:
        [post] = await tx.outbox.claim([SLACK], "one", NOW, LEASE_SECONDS, 9)
    assert post.planned == NOW
    standing = Standing()
    standing.messages.append((NOW, post.token))
    process = Process(store, standing, name="two")
    process.wall.true = later(hours=ahead - 1)
    await process.clocks.sync()
    await process.delivery.deliver()
    tokens = [token for _, token in standing.messages]
    assert tokens.count(post.token) == 1
    assert await posts(store, PostState.UNKNOWN) == 0


@pytest.mark.parametrize("goes_on", ["true", "ahead"])
async def test_a_post_that_stood_still_after_its_claim_is_not_sent(store, goes_on):
    """As on a computer that slept; on one that was stopped with its counter, only the clock is set later."""
    await planned(store)
    standing = Standing()
    process = Process(store, standing)
    await process.clocks.sync()
    await process.delivery.start_due()
    setattr(process.wall, goes_on, getattr(process.wall, goes_on) + timedelta(minutes=10))
    await asyncio.gather(*process.delivery._in_flight)
    assert not standing.messages


async def test_what_another_platform_is_due_is_left_to_a_process_with_its_surface(store):
    await subscribed(store)
    await planned(store)
    other = Process(store, Standing(), platform=DISCORD)
    await other.clocks.sync()
    other.wall.true = DUE
    assert await other.planner.plan_due() == 0
    assert await other.delivery.deliver() == 0
    standing = Standing()
    its = Process(store, standing, name="two")
    its.wall.true = DUE
    await its.clocks.sync()
    assert await its.planner.plan_due() == 1
    await its.delivery.deliver()
    assert standing.messages


async def test_people_of_another_platform_are_told_by_a_process_with_its_surface(store):
    await planned(store)
    async with store.writing() as tx:
        [post] = await tx.outbox.claim([SLACK], "one", NOW, LEASE_SECONDS, 9)
        await tx.outbox.mark_failed(post, "It did not come.")
    standing = Standing()
    other = Process(store, standing, platform=DISCORD)
    await other.clocks.sync()
    await other.delivery.retry_notifications()
    its = Process(store, standing, name="two")
    await its.clocks.sync()
    for _ in range(2):
        await its.delivery.retry_notifications()
    assert standing.told == ["U1"]


async def test_leases_are_handed_back_by_the_time_of_each_platform(store):
    await planned(store)
    process = Process(store, Standing(), 14)
    await process.clocks.sync()
    process.surface.gone_on.clear()
    await process.delivery.start_due()
    async with store.writing() as tx:
        await tx.outbox.release_leases("one", DISCORD, later(hours=1))
        assert await tx.outbox.next_due([SLACK]) == later(seconds=LEASE_SECONDS)
        await tx.outbox.release_leases("one", SLACK, later(seconds=90))
        assert await tx.outbox.next_due([SLACK]) == later(seconds=90)
    process.surface.gone_on.set()
    await process.delivery.drain()
