"""What is under way when a process stops, and what does not wait for what is slow."""

import asyncio

import pytest

from adapters.slack import SLACK
from app.worker import Worker
from bot.domain.post import PostState
from bot.posting.clocks import Clocks
from storage.shared.wakeup import LocalWakeup
from tests.faults.stand_ins import Idle, Slow


@pytest.fixture
def working(desk):
    """Start a worker that sends over a surface; stopping it is to cancel its task."""

    def started(surface):
        worker = Worker(
            desk.store,
            Idle(),
            Idle(),
            desk.delivery(surface),
            wakeup=LocalWakeup(),
            clocks=Clocks(desk, {SLACK: desk.surface}),
        )
        return asyncio.create_task(worker.run())

    return started


async def stopped(task):
    task.cancel()
    await asyncio.wait([task])


async def test_what_is_under_way_when_the_process_stops_is_confirmed(desk, working):
    await desk.planned(parts=0)
    surface = Slow(desk.surface, "C1")
    task = working(surface)
    await surface.reached["C1"].wait()
    stopping = asyncio.create_task(stopped(task))
    await desk.slack.until(lambda: len(desk.slack.messages("C1")) == 1)
    surface.let_go("C1")
    await stopping
    async with desk.store.reading() as tx:
        assert await tx.outbox.next_due([SLACK]) is None
    desk.assert_each_once(1)


async def test_what_does_not_end_in_time_is_handed_back_and_looked_for(desk, working, monkeypatch):
    monkeypatch.setattr("bot.posting.delivery.DRAIN_SECONDS", 0)
    await desk.planned(parts=1)
    surface = Slow(desk.surface, "C1")
    task = working(surface)
    await desk.slack.until(lambda: len(desk.slack.messages("C1")) == 1)
    await stopped(task)
    assert len(await desk.in_state(PostState.UNKNOWN)) == 1
    async with desk.store.reading() as tx:
        due = await tx.outbox.next_due([SLACK])
    assert (due - desk.now()).total_seconds() == 90, "no lease is waited for"
    await desk.deliver_all(desk.delivery(worker="two"))
    desk.assert_each_once(2)


async def test_a_database_that_nobody_can_write_to_is_not_waited_for(desk, monkeypatch):
    monkeypatch.setattr("bot.posting.delivery.RELEASE_SECONDS", 0.05)
    await desk.planned(parts=0)
    delivery = desk.delivery()
    async with desk.store.writing():
        with pytest.raises(TimeoutError):
            await delivery.drain()
    await desk.deliver_all(delivery)
    desk.assert_each_once(1)


async def test_a_slow_channel_holds_up_no_other(desk):
    await desk.planned(["C1", "C2", "C3"], parts=3)
    surface = Slow(desk.surface, "C1")
    delivering = asyncio.create_task(desk.delivery(surface).deliver())
    await desk.slack.until(lambda: len(desk.slack.messages("C3")) == len(desk.slack.messages("C2")) == 4)
    assert len(desk.slack.messages("C1")) == 1
    surface.let_go("C1")
    assert await delivering == 12
    desk.assert_each_once(12)


async def test_it_goes_on_with_what_follows_a_post_that_ends_while_it_asks_what_is_due(desk):
    await desk.planned()
    delivery = desk.delivery()
    ask = delivery.seconds_until_due

    async def ask_slowly():
        due = await ask()
        await asyncio.gather(*delivery._in_flight)
        return due

    delivery.seconds_until_due = ask_slowly
    await delivery.deliver()
    desk.assert_each_once(3)
