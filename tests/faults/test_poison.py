"""Posts that end whoever deals with them, again and again, and what people hear of those given up."""

import asyncio
from datetime import timedelta

import pytest

from adapters.common.findings import Health
from adapters.slack import SLACK
from app.doctor import FAILED_LISTED_FOR, LISTED, examine
from app.settings import Settings
from bot.domain.errors import NotSent, PermanentFailure
from bot.domain.post import PostState
from bot.posting.delivery import LEASE_SECONDS, MAX_CRASHES, MAX_PAUSE, RETRY_FOR, render_post
from tests.servers.slack import faults
from tests.storage.making import TODAY

POST = "chat.postMessage"


@pytest.fixture
def broken_drawing(monkeypatch):
    """Let drawing fail for one part of each digest; how often it did."""
    tried = []

    def breaking(part):
        async def draw(tx, post):
            if post.part == part:
                tried.append(post)
                raise RuntimeError("cannot draw this")
            return await render_post(tx, post)

        monkeypatch.setattr("bot.posting.delivery.render_post", draw)
        return tried

    return breaking


class Deadly:
    """Slack, and a process that is killed whenever it posts into a channel."""

    platform = SLACK

    def __init__(self, surface, channel):
        self._surface, self._channel = surface, channel
        self.killed = asyncio.Event()
        self.kills = 0

    def __getattr__(self, name):
        return getattr(self._surface, name)

    async def send(self, channel, reply, token, thread):
        if channel.external_id == self._channel:
            await self.kill()
        return await self._surface.send(channel, reply, token, thread)

    async def kill(self):
        self.kills += 1
        self.killed.set()
        await asyncio.Event().wait()


class DeadlyToLookAt(Deadly):
    """The same, and whenever it looks for a post there."""

    async def find(self, channel, *wanted):
        if channel.external_id == self._channel:
            await self.kill()
        return await self._surface.find(channel, *wanted)


async def until_killed(desk, surface):
    """Let one process deliver until it is killed or nothing is left; whether it was killed."""
    surface.killed.clear()
    delivery = surface.delivery = desk.delivery(surface)
    delivering = asyncio.create_task(desk.deliver_all(delivery))
    dying = asyncio.create_task(surface.killed.wait())
    await asyncio.wait([delivering, dying], return_when=asyncio.FIRST_COMPLETED)
    for task in (delivering, dying, *delivery._in_flight):
        task.cancel()
    await asyncio.wait([delivering, dying])
    return surface.killed.is_set()


async def test_a_post_that_cannot_be_drawn_stops_is_told_once_and_holds_up_nothing(desk, broken_drawing):
    tried = broken_drawing(2)
    await desk.planned(parts=3)
    await desk.deliver_all(desk.delivery())
    assert len(tried) == MAX_CRASHES
    [post] = await desk.in_state(PostState.FAILED)
    assert (post.part, post.crashes) == (2, MAX_CRASHES)
    assert len(desk.told) == 1
    assert "I could not send a post to C1" in desk.told[0]
    desk.assert_each_once(3)


async def test_a_digest_whose_overview_cannot_be_drawn_is_told_once(desk, broken_drawing):
    broken_drawing(0)
    await desk.planned(parts=3)
    await desk.deliver_all(desk.delivery())
    assert len(await desk.in_state(PostState.FAILED)) == 4
    assert len(desk.told) == 1
    assert desk.slack.messages("C1") == []


async def test_a_post_that_kills_its_process_stops_and_holds_up_no_other_channel(desk):
    await desk.planned(["C1", "C2"], parts=1)
    surface = Deadly(desk.surface, "C1")
    while await until_killed(desk, surface):
        assert surface.kills <= MAX_CRASHES
        desk.moved.advance(LEASE_SECONDS)
    assert surface.kills == MAX_CRASHES
    assert len(desk.slack.messages("C2")) == 2
    assert {post.part for post in await desk.in_state(PostState.FAILED)} == {0, 1}
    assert len(desk.told) == 1
    assert f"{MAX_CRASHES} times" in desk.told[0]


async def test_posts_that_are_under_way_when_another_kills_their_process_are_sent_all_the_same(desk):
    """Even where none of them reaches Slack as long as the one that kills is under way."""
    others = [f"C{number}" for number in range(2, 8)]
    await desk.planned(["C1", *others], parts=0)
    surface = Deadly(desk.surface, "C1")
    original = desk.surface.send

    async def too_late(*posted):
        if any(post.channel.name == "C1" for post in surface.delivery._in_flight.values()):
            await asyncio.Event().wait()
        return await original(*posted)

    desk.surface.send = too_late
    while await until_killed(desk, surface):
        desk.moved.advance(LEASE_SECONDS)
    assert surface.kills == MAX_CRASHES
    assert [len(desk.slack.messages(each)) for each in others] == [1] * len(others)
    [post] = await desk.in_state(PostState.FAILED)
    assert post.channel.name == "C1"


async def test_a_post_that_kills_whoever_looks_for_it_stops_in_doubt(desk):
    await desk.planned(["C1", "C2"], parts=0)
    surface = DeadlyToLookAt(desk.surface, "C1")
    while await until_killed(desk, surface):
        assert surface.kills <= 2 * MAX_CRASHES
        desk.moved.advance(LEASE_SECONDS)
    [post] = await desk.in_state(PostState.FAILED)
    assert post.crashes > MAX_CRASHES
    assert len(desk.told) == 1
    assert "I cannot tell" in desk.told[0]
    assert len(desk.slack.messages("C2")) == 1


async def test_a_post_that_went_wrong_a_few_times_is_sent_and_nobody_hears_of_it(desk, monkeypatch):
    failures = iter(range(MAX_CRASHES - 1))

    async def draw(tx, post):
        if next(failures, None) is not None:
            raise RuntimeError("not now")
        return await render_post(tx, post)

    monkeypatch.setattr("bot.posting.delivery.render_post", draw)
    await desk.planned(parts=1)
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(2)
    assert desk.told == []
    assert await desk.troubled() == []


async def test_posts_given_up_after_a_day_are_told_once_a_digest(desk):
    days = [TODAY, TODAY + timedelta(days=1)]
    for day in days:
        await desk.planned(parts=3, day=day)
    tried = []

    async def unreachable(_channel, _reply, token, _thread):
        tried.append(token)
        raise NotSent("Slack could not be reached.")

    desk.surface.send = unreachable
    delivery = desk.delivery()
    for _ in range(20):
        await delivery.deliver()
        desk.moved.advance(MAX_PAUSE.total_seconds())
    assert desk.told == []
    desk.moved.advance(RETRY_FOR.total_seconds())
    await desk.deliver_all(delivery)
    assert len(await desk.in_state(PostState.FAILED)) == 8
    assert len(set(tried)) == 2, "what depends on an overview is not tried"
    assert ["could not be reached" in told for told in desk.told] == [True, True]


async def test_a_post_that_slack_refuses_is_told(desk):
    await desk.planned(parts=2)
    desk.slack.faults.next(POST, faults.Fault(accepts=True))
    desk.slack.faults.next(POST, faults.refusing("msg_blocks_too_long"))
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(2)
    [told] = desk.told
    assert "msg_blocks_too_long" in told


async def test_the_doctor_lists_what_goes_wrong_while_it_still_may_go_right_and_afterwards(
    desk, broken_drawing
):
    broken_drawing(1)
    await desk.planned(parts=1)
    delivery = desk.delivery()
    await delivery.deliver()
    desk.moved.advance(MAX_PAUSE.total_seconds())
    await delivery.deliver()
    open_still = await diagnosis(desk)
    assert open_still.text.startswith("2026-09-21 C1: digest 1, 1 part not sent yet, gone wrong 1 time: ")
    assert "tried again by itself" in open_still.advice
    await desk.deliver_all(delivery)
    given_up = await diagnosis(desk)
    assert f"2026-09-21 C1: digest 1, 1 part failed, gone wrong {MAX_CRASHES} times: " in given_up.text
    assert "failed is not tried again" in given_up.advice
    desk.moved.advance(FAILED_LISTED_FOR.total_seconds())
    assert (await diagnosis(desk)).health is Health.GOOD


async def test_the_doctor_lists_no_more_than_one_reads_and_a_digest_once(desk):
    async def refuse(*_):
        raise PermanentFailure("It is too long.")

    desk.surface.send = refuse
    await desk.planned([f"C{number}" for number in range(LISTED + 2)], parts=3)
    await desk.deliver_all(desk.delivery())
    *listed, more = (await diagnosis(desk)).text.splitlines()
    assert more == "and 2 more"
    assert len(listed) == LISTED
    assert all(", 4 parts failed: It is too long." in line for line in listed)


async def diagnosis(desk):
    settings = Settings(database_url=str(desk.store._engine.url).replace("+aiosqlite", ""))
    return {each.name: each async for each in examine(settings, desk, quick=True)}["posts"]
