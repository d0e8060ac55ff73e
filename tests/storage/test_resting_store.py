"""What was planned for a subscription that has ended or is paused since."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from adapters.console import CONSOLE
from bot.domain.channel import Context
from bot.domain.history import ActivityKind
from bot.domain.message import MessageRef
from bot.domain.post import DigestItem, Post
from bot.domain.vote import TallyCount
from bot.posting.drafts import messages_shown, render_post
from bot.protocol.replies import Digest, PaperCard
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import (
    NINE,
    NOW,
    TODAY,
    arrive,
    claim,
    digest,
    fresh,
    last_digest,
    later,
    papers,
    plan,
    send_all,
    subscribe,
)
from tests.waiting import eventually

TOMORROW = TODAY + timedelta(days=1)
EXPERTS, KETTLES = "Mixture of experts", "Kettles"
HELD_UP = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def planned(tx: SqlTransaction, number: int = 3, topics: Sequence[str] = (EXPERTS,)) -> Context:
    """Plan a digest with so many papers of each topic."""
    context = await arrive(tx)
    items = []
    for topic in topics:
        subscription = await subscribe(tx, context, topic)
        ids = await papers(tx, *(f"{topic} {each}" for each in range(number)))
        items += [DigestItem(paper, subscription, 0.5) for paper in ids]
    assert await tx.digests.plan([digest(context.channel, *items)], NOW) == [True]
    return context


async def rest(tx: SqlTransaction, context: Context, topic: str = EXPERTS, *, paused: bool = False) -> None:
    """End or pause a topic as the commands do."""
    await tx.schedule.lock_channels(context.channel.id)
    subscription = await tx.subscriptions.find_by_topic(context.channel.id, topic)
    assert subscription is not None
    if paused:
        await tx.subscriptions.pause(context.channel.id, subscription.id, paused=True)
    else:
        await tx.subscriptions.end(context.channel.id, subscription.id)
    await tx.digests.cancel_inactive(context.channel.id)


async def send(tx: SqlTransaction, post: Post, *, found: bool = False) -> list[int]:
    """Confirm a post as the delivery does; the papers that it shows."""
    message = MessageRef("general", f"message-{post.token}")
    await tx.outbox.mark_sent(post, message, NOW, found=found)
    shown = await messages_shown(tx, post, message, TallyCount(0, 0))
    await tx.messages.record(post.channel, shown, NOW)
    return [each.paper_id for each in shown]


async def send_next(tx: SqlTransaction) -> Post:
    [post] = await claim(tx)
    await send(tx, post)
    return post


async def posted(tx: SqlTransaction, context: Context) -> int:
    """How many papers the channel had posted, by its history."""
    entries, _ = await tx.discussions.history(context.channel.id, 100, 0)
    return sum(ActivityKind.POSTED in entry.activities for entry in entries)


async def assert_over(tx: SqlTransaction) -> None:
    """Nothing is left to post, and nobody hears of a failure."""
    assert await tx.outbox.next_due([CONSOLE]) is None
    assert await claim(tx, later(days=2)) == []
    assert await tx.outbox.list_troubles(NOW) == []


@pytest.mark.parametrize("paused", [False, True])
async def test_a_digest_of_which_nothing_was_sent_goes_with_its_topic(store: SqlStore, paused: bool) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        await rest(tx, context, paused=paused)
        await assert_over(tx)
        assert await last_digest(tx, context) is None
        assert len(await fresh(tx, context)) == 3


@pytest.mark.parametrize("paused", [False, True])
async def test_what_was_not_sent_of_a_begun_digest_ends_in_silence(store: SqlStore, paused: bool) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        await send_next(tx)
        first = await send_next(tx)
        await rest(tx, context, paused=paused)
        await assert_over(tx)
        assert await posted(tx, context) == 1
        assert first.item is not None
        left = await fresh(tx, context)
        assert len(left) == 2
        assert first.item.paper_id not in left


async def test_the_other_topic_of_an_overview_that_was_not_sent_comes_alone(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, 2, (EXPERTS, KETTLES))
        await rest(tx, context)
        [overview] = await claim(tx)
        drawn = await render_post(tx, overview)
        assert isinstance(drawn, Digest)
        assert [(section.topic, len(section.hits)) for section in drawn.sections] == [(KETTLES, 2)]
        listed = await send(tx, overview)
        parts = await send_all(tx)
        assert [post.item.paper_id for post in parts if post.item] == listed
        await assert_over(tx)
        assert len(await fresh(tx, context)) == 2


async def test_the_other_topic_of_a_begun_digest_goes_on(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, 2, (EXPERTS, KETTLES))
        await send_next(tx)
        first = await send_next(tx)
        await rest(tx, context)
        rest_of_it = await send_all(tx)
        assert [post.part for post in (first, *rest_of_it)] == [1, 3, 4]
        await assert_over(tx)
        assert await posted(tx, context) == 3
        assert len(await fresh(tx, context)) == 1


async def test_other_digests_stay_as_they_are(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await planned(tx, 1), await arrive(tx, channel="random")
        assert await plan(tx, there, *await papers(tx, "One"))
        kettles = DigestItem((await papers(tx, "Two"))[0], await subscribe(tx, context, KETTLES), 0.5)
        assert await tx.digests.plan([digest(context.channel, kettles, local_date=TOMORROW)], NOW) == [True]
        await rest(tx, context)
        overviews = await claim(tx)
        assert {post.channel.id for post in overviews} == {context.channel.id, there.channel.id}
        for overview in overviews:
            await send(tx, overview)
        assert len(await send_all(tx)) == 2


async def test_a_topic_paused_and_resumed_the_same_day_has_its_papers_in_the_next_digest(
    store: SqlStore,
) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        await send_next(tx)
        await send_next(tx)
        await rest(tx, context, paused=True)
        again = await fresh(tx, context)
        assert not await plan(tx, context, *again), "the day has had its digest"
        await assert_over(tx)
        assert await plan(tx, context, *again, local_date=TOMORROW)
        posts = await send_all(tx)
        assert {post.item.paper_id for post in posts if post.item} == again
        assert await posted(tx, context) == 3
        await assert_over(tx)


async def test_a_topic_resumed_before_anything_was_sent_may_have_its_day(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        await rest(tx, context, paused=True)
        assert await plan(tx, context, *await fresh(tx, context))
        assert len(await send_all(tx)) == 4


@pytest.mark.parametrize("others", [False, True])
async def test_that_there_is_nothing_new_is_told_to_who_still_asks(store: SqlStore, others: bool) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        await subscribe(tx, context)
        if others:
            await subscribe(tx, context, KETTLES)
        assert await tx.digests.plan([digest(context.channel)], NOW) == [True]
        await rest(tx, context)
        assert len(await send_all(tx)) == others


async def test_an_overview_that_is_in_doubt_and_found_ends_as_it_stands(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        [overview] = await claim(tx)
        await tx.outbox.mark_unknown(overview, "No answer.", NOW)
        await rest(tx, context)
        [overview] = await claim(tx)
        assert len(await send(tx, overview, found=True)) == 3, "it lists what it was drawn with"
        await assert_over(tx)
        assert len(await fresh(tx, context)) == 3
        assert await posted(tx, context) == 0


@pytest.mark.parametrize("topics", [(EXPERTS,), (EXPERTS, KETTLES)])
@pytest.mark.parametrize("resumed", [False, True])
async def test_an_overview_that_turns_out_not_to_stand_there_lists_what_is_left(
    store: SqlStore, topics: tuple[str, ...], resumed: bool
) -> None:
    async with store.writing() as tx:
        context = await planned(tx, 2, topics)
        [overview] = await claim(tx)
        await rest(tx, context, paused=True)
        if resumed:
            await subscribe(tx, context)
        await tx.outbox.retry(overview, "Too many requests.", later(seconds=30))
        if len(topics) == 1:
            await assert_over(tx)
            return
        [overview] = await claim(tx, later(seconds=30))
        assert len(await send(tx, overview)) == 2
        assert len(await send_all(tx)) == 2
        await assert_over(tx)


@pytest.mark.parametrize("stands", [False, True])
async def test_a_part_that_is_being_sent_ends_and_is_not_tried_again(store: SqlStore, stands: bool) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        await send_next(tx)
        [part] = await claim(tx)
        await rest(tx, context)
        drawn = await render_post(tx, part)
        assert isinstance(drawn, PaperCard)
        assert EXPERTS in drawn.note
        if stands:
            await send(tx, part)
        else:
            await tx.outbox.retry(part, "Too many requests.", later(seconds=30))
        await assert_over(tx)
        assert await posted(tx, context) == stands
        assert len(await fresh(tx, context)) == 3 - stands


async def test_what_was_matched_before_the_end_and_is_planned_after_it_is_left_out(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        experts, kettles = await subscribe(tx, context), await subscribe(tx, context, KETTLES)
        one, two = await papers(tx, "One", "Two")
        await rest(tx, context)
        ended = digest(context.channel, DigestItem(one, experts, 0.5), local_date=TOMORROW)
        mixed = digest(context.channel, DigestItem(one, experts, 0.5), DigestItem(two, kettles, 0.5))
        assert await tx.digests.plan([ended, mixed], NOW) == [False, True]
        last = await last_digest(tx, context)
        assert last is not None
        assert [item.paper_id for item in last.plan.items] == [two]
        assert len(await send_all(tx)) == 2


async def waits(store: SqlStore, task: asyncio.Task[Any]) -> bool:
    """Wait until a task ends, or is held up by a transaction that is open; say whether it is held up."""
    if store._one_writer is not None:
        await asyncio.sleep(0)  # the first turn of the loop takes it to the lock that its writers share
        return not task.done()

    async def stands_still() -> bool:
        async with store._engine.connect() as connection:
            return task.done() or bool((await connection.execute(HELD_UP)).scalar())

    await eventually(stands_still)
    return not task.done()


@asynccontextmanager
async def meanwhile(store: SqlStore, context: Context) -> AsyncIterator[SqlTransaction]:
    """A transaction that is committed while the ending of the topic waits for it."""

    async def end() -> None:
        async with store.writing() as tx:
            await rest(tx, context)

    async with store.writing() as tx:
        yield tx
        ending = asyncio.create_task(end())
        assert await waits(store, ending)
    await ending


@pytest.mark.parametrize("begun", [False, True])
async def test_a_claim_that_the_ending_waits_for_stands(store: SqlStore, begun: bool) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        if begun:
            await send_next(tx)
    async with meanwhile(store, context) as tx:
        [post] = await claim(tx)
    async with store.writing() as tx:
        assert await claim(tx, later(seconds=59)) == []
        assert len(await send(tx, post)) == (1 if begun else 3)
        await assert_over(tx)
        assert len(await fresh(tx, context)) == (2 if begun else 3)


async def test_who_claims_while_a_topic_ends_gets_nothing_of_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx)

    async def work() -> list[Post]:
        async with store.writing() as tx:
            return await claim(tx)

    async with store.writing() as tx:
        await rest(tx, context)
        working = asyncio.create_task(work())
        await waits(store, working)
    assert await working == []
    async with store.writing() as tx:
        await assert_over(tx)


async def test_an_ending_waits_for_a_planner_that_withdraws_the_digest(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx)
        await tx.schedule.set_due({(context.channel.id, NINE): NOW}, NOW)
    async with meanwhile(store, context) as tx:
        assert await tx.digests.cancel_unsent(await tx.schedule.claim([CONSOLE], NOW, 60, 9)) == 1
    async with store.writing() as tx:
        await assert_over(tx)
        assert len(await fresh(tx, context)) == 3


async def test_claims_and_planners_at_once_with_an_ending_lose_and_double_nothing(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, 6, (EXPERTS, KETTLES))
        await tx.schedule.set_due({(context.channel.id, NINE): NOW}, NOW)
    sent: list[Post] = []
    claimed = asyncio.Event()

    async def work(worker: str) -> None:
        for _ in range(8):
            async with store.writing() as tx:
                posts = await claim(tx, worker=worker)
            claimed.set()
            for post in posts:
                async with store.writing() as tx:
                    await send(tx, post)
            sent.extend(posts)

    async def end() -> None:
        await claimed.wait()
        async with store.writing() as tx:
            await rest(tx, context)
            await tx.schedule.set_due({(context.channel.id, NINE): later(days=1)}, NOW)

    async def withdraw() -> None:
        async with store.writing() as tx:
            await tx.digests.cancel_unsent(await tx.schedule.claim([CONSOLE], NOW, 60, 9))

    await asyncio.gather(work("one"), work("two"), end(), withdraw())
    async with store.writing() as tx:
        sent += await send_all(tx)
        await assert_over(tx)
        shown = [post.item.paper_id for post in sent if post.item]
        assert len(shown) == len(set(shown)) == await posted(tx, context)
        assert len(await fresh(tx, context)) == 12 - len(shown)
