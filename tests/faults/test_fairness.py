"""Whom the trouble or the wealth of one channel, workspace or team holds up: nobody else."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.discord import DISCORD
from adapters.slack import SLACK
from app.worker import Worker
from bot.domain.errors import NotSent
from bot.posting.clocks import Clocks
from bot.posting.delivery import MAX_IN_FLIGHT, MAX_IN_FLIGHT_PER_TEAM
from storage.shared.wakeup import LocalWakeup
from storage.sql.tables import PaperRow
from tests.delivering import delivery_over
from tests.faults.stand_ins import Idle, Slow
from tests.servers.discord import faults as discord_faults
from tests.storage.making import NOW, TODAY, papers, plan

POST = "chat.postMessage"
WAIT_SECONDS = 60


class EnoughError(Exception):
    """So much time has passed."""


class Limited:
    """A desk's clock that goes no further than a moment."""

    def __init__(self, desk, seconds):
        self._desk, self._end = desk, desk.now() + timedelta(seconds=seconds)

    def now(self):
        return self._desk.now()

    def elapsed(self):
        return self._desk.elapsed()

    async def sleep(self, seconds):
        await self._desk.sleep(seconds)
        if self.now() >= self._end:
            raise EnoughError


class AsksToWait:
    """Slack, one workspace of which asks to wait until a moment, whatever is posted there."""

    platform = SLACK
    own_clock = None
    post_interval = timedelta(seconds=1)
    single_posts = False
    max_resends = None

    def __init__(self, desk, workspace):
        self._desk, self._workspace = desk, workspace
        self._calm_at = desk.now() + timedelta(seconds=WAIT_SECONDS)
        self.refused = Counter()

    async def send(self, channel, reply, token, thread):
        left = (self._calm_at - self._desk.now()).total_seconds()
        if channel.workspace == self._workspace and left > 0:
            self.refused[channel.external_id] += 1
            raise NotSent("Slack asks to wait.", left, everywhere=True)
        return await self._desk.surface.send(channel, reply, token, thread)


async def deliver_for(desk, seconds):
    """Deliver until so much time has passed; there has to be enough to do."""
    surfaces = {SLACK: desk.surface}
    delivery = delivery_over(desk.store, surfaces, Clocks(Limited(desk, seconds), surfaces), "one")
    with pytest.raises(EnoughError):
        await delivery.deliver()
    await delivery.drain()


async def thousand_papers(tx):
    """Papers as rows alone, which takes no time."""
    row = {
        "source": "test",
        "upvotes": 0,
        "added": NOW,
        "added_on": TODAY,
        "text_hash": "",
        "authors": [],
        "links": [],
        "abstract": "About it.",
    }
    rows = [
        {**row, "sequence": number, "title": f"Paper {number}", "title_key": f"paper {number}"}
        for number in range(5000, 6000)
    ]
    insert = tx._connection.insert(PaperRow).returning(PaperRow.id)
    return (await tx._connection.run(insert, rows)).scalars().all()


async def posted_in(desk, workspace, *channels):
    """Plan digests of one paper in channels of a workspace."""
    async with desk.store.writing() as tx:
        [paper] = await papers(tx, workspace)
        for channel in channels:
            origin = replace(desk.origin(channel), workspace=workspace)
            assert await plan(tx, await tx.directory.resolve(origin, desk.now()), paper, now=desk.now())


def numbers(desk, channels):
    return {len(desk.slack.messages(channel)) for channel in channels}


async def test_a_channels_thousand_papers_hold_up_no_other_and_slacks_pace_is_kept(desk):
    desk.slack.rates.on = True
    async with desk.store.writing() as tx:
        busy, ids = await desk.arrive(tx, "busy"), await thousand_papers(tx)
        assert await plan(tx, busy, *ids, now=desk.now())
    await deliver_for(desk, 5)
    others = [f"C{number}" for number in range(30)]
    await desk.planned(others, parts=3)
    await deliver_for(desk, 10)
    assert numbers(desk, others) == {4}
    assert 10 <= len(desk.slack.messages("busy")) <= 16, "one a second"
    assert len(desk.slack.calls_of(POST)) == len(desk.slack.world.posted), "Slack never asks to wait"


async def test_a_workspace_that_asks_to_wait_holds_up_no_other_and_is_left_alone(desk):
    asking, others = [f"C{number}" for number in range(40)], [f"D{number}" for number in range(20)]
    await posted_in(desk, "T1ASKING", *asking)
    await posted_in(desk, "T2CALM", *others)
    surface, begun = AsksToWait(desk, "T1ASKING"), desk.now()
    await desk.delivery(surface).deliver()
    assert numbers(desk, others) == {2}
    assert desk.now() - begun < timedelta(seconds=5)
    assert surface.refused.total() <= 2 * MAX_IN_FLIGHT_PER_TEAM, (
        "the first refusals stand for all its channels"
    )
    await desk.deliver_all(desk.delivery(surface))
    assert numbers(desk, asking) == {2}
    desk.assert_each_once(120)


async def test_a_team_whose_posts_hang_leaves_room_for_others(desk):
    hanging, others = [f"C{number}" for number in range(MAX_IN_FLIGHT)], ["D1", "D2", "D3"]
    await posted_in(desk, "T1HANGING", *hanging)
    await posted_in(desk, "T2CALM", *others)
    surface = Slow(desk.surface, *hanging)
    delivering = asyncio.create_task(desk.delivery(surface).deliver())
    await desk.slack.until(lambda: numbers(desk, others) == {2})
    assert len(desk.slack.world.posted) - 6 < 2 * MAX_IN_FLIGHT_PER_TEAM
    for channel in hanging:
        surface.let_go(channel)
    assert await delivering == 2 * (MAX_IN_FLIGHT + 3)
    desk.assert_each_once(2 * (MAX_IN_FLIGHT + 3))


async def test_a_platform_that_hangs_leaves_room_for_another(desk, discord_desk):
    desk.moved.now = discord_desk.moved.now
    hanging = [f"C{number}" for number in range(MAX_IN_FLIGHT + 1)]
    for number, channel in enumerate(hanging):
        await posted_in(desk, f"T{number}", channel)
    async with desk.store.writing() as tx:
        context = await tx.directory.resolve(discord_desk.origin("D1"), desk.now())
        assert await plan(tx, context, *await papers(tx, "another"), now=desk.now() + timedelta(seconds=1))
    surfaces = {SLACK: Slow(desk.surface, *hanging), DISCORD: discord_desk.surface}
    delivery = delivery_over(desk.store, surfaces, Clocks(desk, surfaces), "one")
    while await delivery.start_due():
        pass
    desk.moved.advance(2)
    delivering = asyncio.create_task(delivery.deliver())
    await discord_desk.discord.until(lambda: len(discord_desk.tokens) == 2)
    assert len(delivery._in_flight) >= MAX_IN_FLIGHT
    for channel in hanging:
        surfaces[SLACK].let_go(channel)
    await delivering
    desk.assert_each_once(2 * len(hanging))


async def test_a_channel_that_is_asked_to_wait_holds_up_no_other_of_its_server(discord_desk):
    desk = discord_desk
    await desk.planned(["C1", "C2", "C3"], parts=1)
    route = "POST /channels/{channel_id}/messages"
    desk.discord.faults.next(route, discord_faults.rate_limited(seconds=300))
    await desk.delivery().deliver()
    desk.assert_each_once(4)
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(6)


async def test_neither_planning_nor_sending_waits_for_a_post_that_hangs(desk):
    planner, bell = Idle(), LocalWakeup()
    surface = Slow(desk.surface, "C1")
    delivery = desk.delivery(surface)
    worker = Worker(
        desk.store,
        Idle(),
        planner,
        delivery,
        wakeup=bell,
        clocks=Clocks(desk, {SLACK: desk.surface}),
    )
    await desk.planned(["C1"], parts=0)
    working = asyncio.create_task(worker.run())
    await surface.reached["C1"].wait()
    asked = planner.asked
    await desk.planned(["C2"], parts=0)
    await bell.wake()
    await desk.slack.until(lambda: planner.asked > asked and numbers(desk, ["C2"]) == {1})
    surface.let_go("C1")
    working.cancel()
    await asyncio.wait([working])
    desk.assert_each_once(2)


async def test_sending_does_not_wait_for_planning_that_hangs(desk):
    class Dependents(Idle):
        async def plan_due(self):
            await asyncio.Event().wait()

    surface = Slow(desk.surface)
    worker = Worker(
        desk.store,
        Idle(),
        Dependents(),
        desk.delivery(surface),
        wakeup=LocalWakeup(),
        clocks=Clocks(desk, {SLACK: desk.surface}),
    )
    await desk.planned(["C1"], parts=0)
    working = asyncio.create_task(worker.run())
    await desk.slack.until(lambda: numbers(desk, ["C1"]) == {1})
    working.cancel()
    await asyncio.wait([working])
    desk.assert_each_once(1)
