"""What becomes of a post of which nobody knows whether it stands there."""

import asyncio
import random
from datetime import timedelta

import pytest

from app.worker import Worker
from bot.domain.channel import Layout
from bot.domain.errors import DeliveryUnknown, NotSent
from bot.domain.post import PostState
from bot.posting.clocks import Clocks
from bot.posting.delivery import LEASE_SECONDS, MIN_ATTEMPTS, RETRY_FOR, SEARCH_DELAY, SEARCH_FOR, render_post
from storage.shared.rate_limits import LocalRateLimiter
from storage.shared.wakeup import LocalWakeup
from tests.faults.stand_ins import Idle, Unreachable, Waiting
from tests.servers.slack import faults
from tests.servers.slack.state import TEAM
from tests.storage.making import TODAY

POST, HISTORY = "chat.postMessage", "conversations.history"


def without_scope(desk, scope):
    desk.slack.world.tokens["xoxb-bot"].scopes.discard(scope)


def go_wrong(desk, seconds):
    """Set our clock ahead; what is given sets it right. Slack's clock and the steady one go on."""
    wrong = [seconds]
    desk.moved.advance(seconds)
    desk.slack.world.clock = desk.slack.rates.clock = lambda: desk.moved.now - wrong[0]
    steady = LocalRateLimiter(pause=desk.moved.sleep, clock=desk.slack.world.clock)
    desk.surface._clients._pacer.limiter = steady

    def set_right():
        desk.moved.now -= wrong.pop()
        wrong.append(0)

    return set_right


@pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.long)])
async def test_time_outs_lose_and_double_nothing(any_desk, count):
    desk = any_desk
    accepted = [True, False] * (count // 2)
    random.Random(7).shuffle(accepted)
    desk.meet_silence(accepted)
    channels = range(count // 4)
    await desk.planned([f"{'F' if number % 4 == 3 else 'C'}{number:03}" for number in channels], parts=3)
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(count)
    assert await desk.troubled() == []
    assert desk.tried >= count * 1.5, "each second one was not there and sent again"


@pytest.mark.parametrize(
    ("before", "after"), [(Layout.THREADED, Layout.FLAT), (Layout.FLAT, Layout.THREADED)]
)
async def test_a_post_is_looked_for_where_it_was_sent_whatever_the_channel_chose_since(desk, before, after):
    await desk.lay_out("C1", before)
    await desk.planned()
    delivery = desk.delivery()
    original = desk.surface.send

    async def unheard(channel, reply, token, thread):
        message = await original(channel, reply, token, thread)
        if len(desk.slack.messages("C1")) == 2:
            raise DeliveryUnknown("the answer is lost")
        return message

    desk.surface.send = unheard
    await delivery.deliver()
    desk.surface.send = original
    await desk.lay_out("C1", after)
    await desk.deliver_all(delivery)
    desk.assert_each_once(3)
    roots = {message.thread_ts is None for message in desk.slack.messages("C1")[1:]}
    assert roots == {before is Layout.FLAT}, "the digest stays as it was planned"


async def test_a_post_is_found_behind_pages_of_other_messages_by_a_clock_that_is_fast(desk):
    desk.slack.world.clock = lambda: desk.moved.now - 40 * 60
    await desk.planned()
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    for number in range(450):
        await desk.slack.say("U1ADA", "C1", f"Talk {number}")
    await desk.deliver_all(delivery)
    desk.assert_each_once(3)
    assert len(desk.slack.calls_of(HISTORY)) == 3


@pytest.mark.parametrize("hours", [1, 6, 72])
async def test_a_post_is_found_that_was_planned_by_a_clock_which_is_set_back_since(desk, hours):
    set_right = go_wrong(desk, hours * 3600)
    await desk.planned(parts=1)
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    set_right()
    right = desk.now()
    while desk.now() - right < timedelta(hours=1, minutes=5):
        desk.moved.advance(60)
        await delivery.deliver()
    desk.assert_each_once(2)


async def test_a_channel_posted_to_by_a_clock_that_is_set_back_keeps_its_pace_and_waits_for_nothing(desk):
    desk.slack.rates.on = True
    set_right = go_wrong(desk, 6 * 3600)
    await desk.planned(parts=1)
    delivery = desk.delivery()
    await desk.deliver_all(delivery)
    set_right()
    right = desk.now()
    await desk.planned(parts=3, day=TODAY + timedelta(days=1))
    await delivery.deliver()
    desk.assert_each_once(6)
    assert desk.now() - right < timedelta(seconds=10)
    assert len(desk.slack.calls_of(POST)) == 6, "Slack never asks to wait"


async def test_a_platform_that_asks_to_wait_for_days_is_asked_again_sooner(desk):
    await desk.planned(parts=0)
    desk.slack.faults.next(POST, faults.rate_limited(3 * 24 * 3600))
    limiter = LocalRateLimiter(pause=desk.moved.sleep, clock=desk.moved)
    desk.surface._clients._pacer.limiter = limiter
    before = desk.now()
    await desk.delivery().deliver()
    assert len(desk.slack.calls_of(POST)) == 1
    limiter._free.clear()
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(1)
    assert desk.now() - before < timedelta(hours=1)


async def test_a_process_does_not_take_over_from_itself_what_it_still_sends_after_a_sleep(desk):
    await desk.planned(parts=0)
    surface = Waiting(desk.surface)
    delivery = desk.delivery(surface)
    await delivery.start_due()
    await surface.reached.wait()
    desk.moved.advance(3600)
    assert await delivery.start_due() == 1
    assert len(delivery._in_flight) == 1
    surface.gone_on.set()
    await desk.deliver_all(delivery)
    desk.assert_each_once(1)
    assert desk.tried == 1


async def test_a_post_that_another_took_over_while_it_waited_for_its_turn_is_not_sent(desk):
    """The computer sleeps while the post waits for its turn, and another goes on with it meanwhile."""
    await desk.planned(parts=0)
    slept = []

    async def sleep(seconds):
        desk.moved.advance(seconds)
        if not slept:
            slept.append(seconds)
            desk.moved.advance(LEASE_SECONDS)
            await desk.deliver_all(desk.delivery(worker="two"))

    limiter = LocalRateLimiter(pause=sleep, clock=desk.moved)
    desk.surface._clients._pacer.limiter = limiter
    await desk.surface._clients.hold_channel(TEAM, "C1")
    await desk.deliver_all(desk.delivery())
    assert slept
    desk.assert_each_once(1)


async def test_after_a_weekend_a_post_that_nobody_tried_survives_its_first_failure(desk):
    await desk.planned()
    desk.moved.advance(timedelta(days=3).total_seconds())
    desk.slack.faults.next(POST, faults.rate_limited())
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(3)
    assert desk.told == []


async def given_up_untold(desk, surface):
    """A delivery whose digest was given up while nobody could be told."""
    await desk.planned()
    delivery = desk.delivery(surface)
    for _ in range(2 * MIN_ATTEMPTS):
        await delivery.deliver()
        desk.moved.advance(RETRY_FOR.total_seconds() / MIN_ATTEMPTS)
    assert len(await desk.in_state(PostState.FAILED)) == 3
    return delivery


async def test_who_could_not_be_told_of_a_post_that_was_given_up_is_told_later_and_once(desk):
    surface = Unreachable(desk.surface)
    delivery = await given_up_untold(desk, surface)
    await delivery.retry_notifications()
    assert desk.told == []
    surface.reachable = True
    worker = Worker(
        desk.store,
        Idle(),
        Idle(),
        delivery,
        wakeup=LocalWakeup(),
        clocks=Clocks(desk, {desk.surface.platform: desk.surface}),
    )
    working = asyncio.create_task(worker.run())
    await desk.slack.until(lambda: desk.told)
    working.cancel()
    await asyncio.wait([working])
    await delivery.retry_notifications()
    [told] = desk.told
    assert "could not be reached" in told


async def test_a_telling_that_hangs_holds_up_no_post(desk):
    surface, reached = Unreachable(desk.surface), asyncio.Event()
    delivery = await given_up_untold(desk, surface)

    async def hang(*_):
        reached.set()
        await asyncio.Event().wait()

    surface.reachable, surface.notify = True, hang
    worker = Worker(
        desk.store,
        Idle(),
        Idle(),
        delivery,
        wakeup=LocalWakeup(),
        clocks=Clocks(desk, {desk.surface.platform: desk.surface}),
    )
    working = asyncio.create_task(worker.run())
    await reached.wait()
    await desk.planned(["C2"], parts=0)
    delivery.work_available.set()
    await desk.slack.until(lambda: len(desk.slack.messages("C2")) == 1)
    working.cancel()
    await asyncio.wait([working])
    desk.assert_each_once(1)


async def test_after_a_weekend_a_post_in_doubt_is_still_looked_for(desk):
    await desk.planned()
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    desk.moved.advance(timedelta(days=3).total_seconds())
    desk.slack.faults.next(HISTORY, faults.refusing("internal_error"), times=3)
    await desk.deliver_all(delivery)
    desk.assert_each_once(3)
    assert await desk.troubled() == []
    assert desk.told == []


async def test_nothing_is_sent_when_the_claim_is_long_past(desk, monkeypatch):
    """The first worker stands still between its claim and its send; meanwhile another takes the post over."""
    await desk.planned(parts=1)
    stood_still = []

    async def stand_still(tx, post):
        drawn = await render_post(tx, post)
        if not stood_still:
            stood_still.append(post)
            desk.moved.advance(LEASE_SECONDS)
            await desk.deliver_all(desk.delivery(worker="two"))
        return drawn

    monkeypatch.setattr("bot.posting.delivery.render_post", stand_still)
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(2)
    assert await desk.troubled() == []


async def test_a_post_whose_turn_comes_too_late_goes_out_at_the_next(desk, monkeypatch):
    await desk.planned(parts=1)
    late = []

    async def draw_slowly(tx, post):
        if not late:
            late.append(post)
            desk.moved.advance(31)
        return await render_post(tx, post)

    monkeypatch.setattr("bot.posting.delivery.render_post", draw_slowly)
    before = desk.now()
    await desk.deliver_all(desk.delivery())
    desk.assert_each_once(2)
    assert desk.now() - before < timedelta(minutes=1), "it was not in doubt"


async def test_unreadable_history_leaves_a_post_unknown_and_is_told_once(desk):
    await desk.planned(parts=1)
    without_scope(desk, "channels:history")
    desk.slack.faults.next(POST, faults.rate_limited())
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    for _ in range(20):
        await delivery.deliver()
        desk.moved.advance(600)
    [post] = await desk.in_state(PostState.UNKNOWN)
    assert post.part == 0
    assert len(desk.slack.messages("C1")) == 1, "it is not sent again"
    [told] = desk.told
    assert "I cannot tell" in told
    assert "missing_scope" in told

    desk.slack.world.tokens["xoxb-bot"].scopes.add("channels:history")
    await desk.deliver_all(delivery)
    desk.assert_each_once(2)
    assert await desk.troubled() == []


async def test_a_channel_waits_no_longer_than_a_day_for_a_post_that_nobody_can_look_for(desk):
    await desk.planned(parts=1)
    without_scope(desk, "channels:history")
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    desk.moved.advance(RETRY_FOR.total_seconds())
    await delivery.deliver()
    assert await desk.in_state(PostState.UNKNOWN)
    await desk.planned(parts=1, day=TODAY + timedelta(days=1))
    desk.moved.advance(SEARCH_FOR.total_seconds() - RETRY_FOR.total_seconds())
    await desk.deliver_all(delivery)
    overview, part = await desk.in_state(PostState.FAILED)
    assert overview.digest_id == part.digest_id
    desk.assert_each_once(3)
    assert len(desk.told) == 1


async def test_where_slack_cannot_be_asked_for_a_day_people_are_told_in_the_end(desk):
    await desk.planned(parts=0)
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    original = desk.surface.find

    async def unreachable(*_):
        raise NotSent("Slack could not be reached.")

    desk.surface.find = unreachable
    planned = desk.now()
    while desk.now() - planned < SEARCH_FOR:
        assert desk.told == []
        desk.moved.advance(600)
        await delivery.deliver()
    await desk.deliver_all(delivery)
    desk.surface.find = original
    assert len(desk.told) == 1
    assert len(await desk.in_state(PostState.FAILED)) == 1
    desk.assert_each_once(1)


async def test_a_part_whose_thread_is_gone_holds_up_nothing(desk):
    await desk.planned(parts=1)
    desk.slack.faults.next(POST, faults.Fault(accepts=True))
    desk.slack.faults.next(POST, faults.DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    [overview] = desk.slack.messages("C1")
    await desk.slack.delete(overview)
    await desk.planned(parts=1, day=TODAY + timedelta(days=1))
    await desk.deliver_all(delivery)
    [trouble] = await desk.troubled()
    assert "thread_not_found" in trouble.detail
    assert len(desk.slack.messages("C1")) == 2, "the next digest is posted"


async def test_what_is_planned_in_a_channel_that_is_lost_is_taken_back(desk):
    await desk.planned()
    await desk.planned(day=TODAY + timedelta(days=1))
    desk.slack.world.channels["C1"].members.discard("U0BOT")
    delivery = desk.delivery()
    await delivery.start_due()
    await asyncio.gather(*delivery._in_flight)
    assert len(await desk.in_state(PostState.FAILED)) == 3
    assert await desk.in_state(PostState.PLANNED) == []
    await delivery.retry_notifications()
    [told] = desk.told
    assert "I can no longer post in C1" in told


async def test_a_channel_that_is_lost_while_a_post_is_in_doubt_is_told_as_lost(desk):
    await desk.planned(parts=0)
    desk.slack.faults.next(POST, faults.ACCEPTED_THEN_DROPPED)
    delivery = desk.delivery()
    await delivery.deliver()
    desk.slack.world.channels["C1"].members.discard("U0BOT")
    desk.moved.advance(SEARCH_DELAY.total_seconds())
    await delivery.deliver()
    [told] = desk.told
    assert "I can no longer post in C1" in told
    assert len(desk.slack.messages("C1")) == 1
