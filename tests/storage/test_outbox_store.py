import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from adapters.console import CONSOLE
from adapters.discord import DISCORD
from adapters.slack import SLACK
from bot.domain.account import Identity
from bot.domain.channel import Context, Layout
from bot.domain.mailbox import MailboxRequest
from bot.domain.message import MessageRef
from bot.domain.post import DigestItem, DigestKind, Post, PostState, Trouble
from bot.domain.subscription import Slot
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import (
    NINE,
    NOW,
    TODAY,
    arrive,
    arxiv,
    claim,
    digest,
    draft,
    fresh,
    last_digest,
    later,
    origin,
    papers,
    plan,
    put_paper,
    send_all,
    subscribe,
)

TOMORROW = TODAY + timedelta(days=1)
PLATFORMS = [CONSOLE]


async def sent(tx: SqlTransaction, post: Post) -> MessageRef:
    message = MessageRef("general", f"message-{post.token}")
    await tx.outbox.mark_sent(post, message, NOW, found=False)
    return message


async def planned(tx: SqlTransaction, *titles: str) -> Context:
    context = await arrive(tx)
    assert await plan(tx, context, *await papers(tx, *titles))
    return context


async def test_a_digest_is_an_overview_and_a_post_for_each_paper(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, two = await papers(tx, "One", "Two")
        subscription = await subscribe(tx, context)
        items = (DigestItem(one, subscription, 0.25), DigestItem(two, subscription, 1.0))
        wanted = digest(context.channel, *items, warning="No papers from arXiv today.")
        assert await tx.digests.plan([wanted], NOW) == [True]
        stored = await last_digest(tx, context)
        assert stored is not None
        assert (stored.plan, stored.planned) == (wanted, NOW)
        assert await tx.digests.get(stored.id) == stored

        parts: list[Post] = []
        while posts := await claim(tx):
            parts += posts
            await sent(tx, posts[0])
        assert [(post.part, post.item) for post in parts] == [(0, None), (1, items[0]), (2, items[1])]
        assert all(post.channel == context.channel and post.planned == NOW for post in parts)
        tokens = [post.token for post in parts]
        assert len(set(tokens)) == 3
        assert all(
            0 < len(token) <= 25 and token.replace("-", "").replace("_", "").isalnum() for token in tokens
        )


async def test_a_slot_and_date_has_one_digest(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One")
        [other] = await papers(tx, "Other")
        assert not await plan(tx, context, other)
        assert not await plan(tx, context)
        assert await plan(tx, context, other, local_date=TOMORROW)
        noon = replace(digest(context.channel), slot=Slot(NINE.at, "UTC"))
        assert await tx.digests.plan([noon], NOW) == [True]


async def test_a_channel_is_posted_a_paper_once(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")
        assert await plan(tx, context, one)
        assert await plan(tx, context, one, two, local_date=TOMORROW)
        last = await last_digest(tx, context)
        assert last is not None
        assert [item.paper_id for item in last.plan.items] == [two]
        assert await plan(tx, there, one)


async def test_a_digest_whose_papers_were_all_posted_is_none(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One")
        before = await last_digest(tx, context)
        assert before is not None
        assert not await plan(tx, context, before.plan.items[0].paper_id, local_date=TOMORROW)
        assert await last_digest(tx, context) == before
        [other] = await papers(tx, "Other")
        assert await plan(tx, context, other, local_date=TOMORROW), "the date is still free"


async def test_papers_of_posts_that_were_given_up_may_be_posted_later(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, two = await papers(tx, "One", "Two")
        assert await plan(tx, context, one, two)
        assert await fresh(tx, context) == frozenset()
        [overview] = await claim(tx)
        await sent(tx, overview)
        [first] = await claim(tx)
        await tx.outbox.mark_failed(first, "Too long.")
        assert await fresh(tx, context) == {one}
        assert await plan(tx, context, one, two, local_date=TOMORROW)
        last = await last_digest(tx, context)
        assert last is not None
        assert [item.paper_id for item in last.plan.items] == [one]
        assert await fresh(tx, context) == frozenset()


async def test_papers_under_an_overview_that_was_given_up_may_be_posted_later(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One", "Two")
        [overview] = await claim(tx)
        await tx.outbox.mark_failed(overview, "The channel is archived.")
        assert len(await fresh(tx, context)) == 2


async def test_a_digest_keeps_the_layout_that_it_was_planned_in(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One")
        flat = replace(context.channel.settings, layout=Layout.FLAT)
        await tx.directory.change_settings(context.channel.id, flat)
        [overview] = await claim(tx)
        assert overview.channel.settings.layout is Layout.THREADED
        stored = await tx.digests.get(overview.digest_id)
        assert stored.plan.channel.settings.layout is Layout.THREADED
        assert (await tx.directory.channel(context.channel.id)).settings.layout is Layout.FLAT


async def test_what_a_channel_was_told(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        quiet = digest(context.channel, warning="No arXiv.")
        assert quiet.kind is DigestKind.NOTHING_NEW
        both = [context.channel.id, there.channel.id]
        assert await tx.digests.planned_keys(both, TODAY) == frozenset()
        assert await tx.digests.plan([quiet], NOW) == [True]
        assert await tx.digests.planned_keys(both, TODAY) == {(context.channel.id, NINE, TODAY)}
        assert await tx.digests.planned_keys(both, TOMORROW) == frozenset()
        assert await tx.digests.planned_keys([there.channel.id], TODAY) == frozenset()
        assert await tx.digests.channels_warned(both, TODAY, "No arXiv.") == {context.channel.id}
        assert await tx.digests.channels_warned(both, TODAY, "Other.") == frozenset()
        assert await tx.digests.channels_warned(both, TOMORROW, "No arXiv.") == frozenset()
        assert await tx.digests.last_dates(both) == {context.channel.id: TODAY}


async def test_only_a_warning_is_no_word(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        warning = replace(digest(context.channel, warning="No arXiv."), kind=DigestKind.WARNING)
        quiet = digest(context.channel, local_date=TODAY - timedelta(days=1))
        assert await tx.digests.plan([quiet], NOW) == [True]
        assert await tx.digests.plan([warning], NOW) == [True]
        assert await tx.digests.last_dates([context.channel.id]) == {context.channel.id: quiet.local_date}


async def test_digests_of_many_channels_are_planned_together(store: SqlStore) -> None:
    async with store.writing() as tx:
        ids = await papers(tx, "One", "Two", "Three")
        places = [await arrive(tx, channel=f"channel-{number}") for number in range(4)]
        subscriptions = [await subscribe(tx, context) for context in places]
        items = [
            [DigestItem(paper, subscription, 0.5) for paper in ids[:count]]
            for count, subscription in zip((3, 0, 1, 2), subscriptions, strict=True)
        ]
        plans = [digest(context.channel, *each) for context, each in zip(places, items, strict=True)]
        assert await plan(tx, places[2], ids[0], local_date=TOMORROW)
        before = await tx.digests.planned_keys([places[2].channel.id], TODAY)

        assert await tx.digests.plan(plans, NOW) == [True, True, False, True]
        assert await tx.digests.planned_keys([places[2].channel.id], TODAY) == before, "its paper was posted"
        for context, wanted in zip(places, plans, strict=True):
            stored = await last_digest(tx, context)
            assert stored is not None
            assert stored.plan == wanted or context is places[2]
        assert await tx.digests.plan(plans, NOW) == [False] * 4
        sent = await send_all(tx)
        numbers = [sum(post.channel == context.channel for post in sent) for context in places]
        assert numbers == [4, 1, 2, 3]


async def test_digests_of_which_nothing_was_sent_are_taken_back(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        places = [await arrive(tx, channel=name) for name in ("waits", "begun", "sent", "other")]
        for context in places:
            assert await plan(tx, context, paper)
            await tx.schedule.set_due({(context.channel.id, NINE): NOW}, NOW)
        waits, begun, done, other = (context.channel.id for context in places)
        for post in await claim(tx):
            if post.channel.id == done:
                await sent(tx, post)
            elif post.channel.id != begun:
                await tx.outbox.retry(post, "busy", later(minutes=5))
        due = [each for each in await tx.schedule.all() if each.channel.id != other]
        assert await tx.digests.cancel_unsent(due) == 1
        posted = await tx.papers.posted([waits, begun, done, other], TODAY)
        assert posted == {key: {paper} for key in (begun, done, other)}
        assert await plan(tx, places[0], paper), "its date is free again"


async def test_parts_wait_for_the_overview_and_follow_in_order(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One", "Two")
        [overview] = await claim(tx)
        assert (overview.part, overview.state, overview.parent) == (0, PostState.SENDING, None)
        assert await claim(tx) == []
        message = await sent(tx, overview)
        [first] = await claim(tx)
        assert (first.part, first.parent, first.attempts) == (1, message, 1)
        await tx.outbox.retry(first, "Too many requests.", later(seconds=30))
        assert await claim(tx) == [], "the second part does not overtake the first"
        assert await tx.outbox.next_due(PLATFORMS) == later(seconds=30)
        [again] = await claim(tx, later(seconds=30))
        assert (again.part, again.attempts) == (1, 2)
        await sent(tx, again)
        [second] = await claim(tx)
        assert second.part == 2
        await sent(tx, second)
        assert await tx.outbox.next_due(PLATFORMS) is None


async def test_channels_do_not_wait_for_each_other(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        slack = await tx.directory.resolve(replace(origin(), platform=SLACK), NOW)
        [paper] = await papers(tx, "One")
        for each in (context, there, slack):
            assert await plan(tx, each, paper)
        assert {post.channel.id for post in await claim(tx)} == {context.channel.id, there.channel.id}
        [elsewhere] = await tx.outbox.claim([SLACK, DISCORD], "two", NOW, 60, 9)
        assert elsewhere.channel == slack.channel
        assert await tx.outbox.next_due([DISCORD]) is None


async def test_a_claim_takes_no_more_than_asked_for(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        for name in "abc":
            await plan(tx, await arrive(tx, channel=name), paper)
        assert len(await claim(tx, limit=2)) == 2
        assert len(await claim(tx, limit=2)) == 1


async def test_a_lease_that_ran_out_leaves_a_post_unknown_and_claimed(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One")
        [post] = await claim(tx, worker="one", lease=60)
        assert await claim(tx, later(seconds=59), worker="two") == []
        assert await tx.outbox.next_due(PLATFORMS) == later(seconds=60)
        [lost] = await claim(tx, later(seconds=60), worker="two")
        assert lost == replace(post, state=PostState.UNKNOWN, attempts=2, crashes=1)
        assert await claim(tx, later(seconds=61), worker="three") == []
        assert [each.post for each in await tx.outbox.list_troubles(NOW)] == [lost]
        message = MessageRef("general", "found")
        await tx.outbox.mark_sent(lost, message, NOW, found=True)
        assert await tx.outbox.list_troubles(NOW) == []
        [part] = await claim(tx, later(seconds=61))
        assert part.parent == message


async def test_an_unknown_post_is_looked_for_until_somebody_knows(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One")
        [post] = await claim(tx)
        await tx.outbox.mark_unknown(post, "The connection ended.", later(seconds=90))
        assert await claim(tx, later(seconds=89)) == []
        assert await tx.outbox.next_due(PLATFORMS) == later(seconds=90)
        [unknown] = await claim(tx, later(seconds=90))
        assert unknown.state is PostState.UNKNOWN
        assert await tx.outbox.list_troubles(NOW) == [Trouble(unknown, "The connection ended.", 1, 0)]
        await tx.outbox.retry(unknown, "It is not there.", later(seconds=95))
        [anew] = await claim(tx, later(seconds=95))
        assert (anew.state, anew.token, anew.attempts) == (PostState.SENDING, post.token, 3)


async def test_people_are_told_of_a_digests_trouble_once(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One")
        [overview] = await claim(tx)
        assert not overview.notified
        assert await tx.outbox.mark_notified(overview, NOW)
        assert not await tx.outbox.mark_notified(overview, NOW)
        await tx.outbox.mark_unknown(overview, "Its history is closed.", later(seconds=90))
        [still] = await claim(tx, later(seconds=90))
        assert still.notified
        await sent(tx, still)
        [part] = await claim(tx, later(seconds=91))
        assert part.notified, "they know of its digest's trouble"
        assert not await tx.outbox.mark_notified(part, NOW)
        await sent(tx, part)
        assert await plan(tx, context, *await papers(tx, "Two"), local_date=TOMORROW)
        [another] = await claim(tx, later(seconds=92))
        assert not another.notified


async def test_who_ends_without_a_word_while_holding_a_post_is_counted(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One")
        [post] = await claim(tx)
        assert post.crashes == 0
        [post] = await claim(tx, later(minutes=1))
        assert post.crashes == 1
        await tx.outbox.mark_unknown(post, "It failed.", later(minutes=2), crashed=True)
        [post] = await claim(tx, later(minutes=2))
        assert post.crashes == 2
        await tx.outbox.retry(post, "It is not there.", later(minutes=3))
        [trouble] = await tx.outbox.list_troubles(NOW)
        assert (trouble.post.state, trouble.post.crashes) == (PostState.PLANNED, 2)
        assert trouble.detail == "It is not there."
        [post] = await claim(tx, later(minutes=3))
        assert post.crashes == 2
        await tx.outbox.release_leases("one", CONSOLE, later(minutes=4))
        [post] = await claim(tx, later(minutes=4))
        assert post.crashes == 2, "it was handed back"
        await sent(tx, post)
        assert await tx.outbox.list_troubles(NOW) == []


async def test_a_part_given_up_in_doubt_keeps_its_paper_from_later_digests(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One", "Two")
        [overview] = await claim(tx)
        await sent(tx, overview)
        [first] = await claim(tx)
        await tx.outbox.mark_failed(first, "Nobody could look.", maybe_sent=True)
        [second] = await claim(tx)
        assert second.part == 2, "the next one goes on"
        await tx.outbox.mark_failed(second, "Too long.")
        assert second.item is not None
        assert await fresh(tx, context) == {second.item.paper_id}


async def test_the_parts_of_an_overview_given_up_in_doubt_stand_nowhere(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One", "Two")
        [overview] = await claim(tx)
        await tx.outbox.mark_failed(overview, "Nobody could look.", maybe_sent=True)
        assert await claim(tx) == []
        assert len(await fresh(tx, context)) == 2


async def test_a_worker_hands_back_its_own_leases_and_no_others(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        for name in "ab":
            await plan(tx, await arrive(tx, channel=name), paper)
        [mine] = await claim(tx, worker="one", limit=1)
        [others] = await claim(tx, worker="two", limit=1)
        await tx.outbox.release_leases("one", CONSOLE, later(seconds=30))
        assert await claim(tx, later(seconds=29)) == []
        [found] = await claim(tx, later(seconds=30))
        assert (found.id, found.state) == (mine.id, PostState.UNKNOWN)
        [kept] = await claim(tx, later(seconds=60))
        assert kept.id == others.id


async def test_a_post_in_doubt_keeps_how_far_it_was_looked_for_until_it_is_clear(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One")
        [post] = await claim(tx)
        await tx.outbox.mark_unknown(post, "No answer.", later(minutes=1))
        [post] = await claim(tx, later(minutes=1))
        assert post.searched_to is None
        await tx.outbox.mark_unknown(post, "There is more.", later(minutes=2), searched_to="page 2")
    async with store.writing() as tx:
        [post] = await claim(tx, later(minutes=2))
        assert post.searched_to == "page 2"
        await tx.outbox.release_leases("one", CONSOLE, later(minutes=3))
        [post] = await claim(tx, later(minutes=3))
        assert (post.state, post.searched_to) == (PostState.UNKNOWN, "page 2")
        await tx.outbox.retry(post, "It is not there.", later(minutes=4))
        [post] = await claim(tx, later(minutes=4))
        assert (post.state, post.searched_to) == (PostState.SENDING, None)


async def test_giving_up_on_the_overview_gives_up_on_its_parts(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await planned(tx, "One", "Two")
        [paper] = await papers(tx, "Three")
        await plan(tx, context, paper, local_date=TOMORROW)
        [overview] = await claim(tx)
        await tx.outbox.mark_failed(overview, "The channel is gone.")
        [trouble] = await tx.outbox.list_troubles(NOW)
        assert (trouble.post.part, trouble.post.state) == (0, PostState.FAILED)
        assert (trouble.detail, trouble.open, trouble.failed) == ("The channel is gone.", 0, 3)
        [following] = await claim(tx)
        assert following.digest_id != overview.digest_id


async def test_of_troubles_the_open_ones_come_first_and_failed_ones_go_with_time(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        for name in "abc":
            await plan(tx, await arrive(tx, channel=name), paper)
        doubtful, early, late = await claim(tx)
        await tx.outbox.mark_unknown(doubtful, "The connection ended.", later(seconds=90))
        await tx.outbox.mark_failed(early, "It is archived.")
        await sent(tx, late)
        [part] = await claim(tx)
        await tx.outbox.mark_failed(part, "It is too long.")
        told = [(each.detail, each.open, each.failed) for each in await tx.outbox.list_troubles(NOW)]
        assert told == [
            ("The connection ended.", 1, 0),
            ("It is too long.", 0, 1),
            ("It is archived.", 0, 2),
        ]
        assert [each.post.id for each in await tx.outbox.list_troubles(later(seconds=1))] == [doubtful.id]


async def test_a_digest_of_which_some_failed_and_some_are_in_doubt_is_one_trouble(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One", "Two", "Three")
        await sent(tx, *await claim(tx))
        await tx.outbox.mark_failed(*await claim(tx), "It is too long.")
        await tx.outbox.mark_unknown(*await claim(tx), "The connection ended.", later(seconds=90))
        [trouble] = await tx.outbox.list_troubles(NOW)
        assert (trouble.detail, trouble.open, trouble.failed) == ("The connection ended.", 1, 1)


async def test_giving_up_on_a_part_leaves_the_others(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One", "Two")
        [overview] = await claim(tx)
        await sent(tx, overview)
        [first] = await claim(tx)
        await tx.outbox.mark_failed(first, "It is too long.")
        [second] = await claim(tx)
        assert second.part == 2


async def test_a_worker_whose_lease_ran_out_decides_nothing_but_what_it_knows(store: SqlStore) -> None:
    async with store.writing() as tx:
        await planned(tx, "One")
        [late] = await claim(tx, worker="late", lease=10)
        [current] = await claim(tx, later(seconds=10), worker="current")
        await tx.outbox.retry(late, "Not sent.", NOW)
        await tx.outbox.mark_failed(late, "Not sent.")
        await tx.outbox.mark_unknown(late, "No answer.", NOW)
        assert await claim(tx, later(seconds=11)) == []
        assert await tx.outbox.list_troubles(NOW) == [Trouble(current, "", 1, 0)]
        message = MessageRef("general", "stands-there")
        await tx.outbox.mark_sent(late, message, NOW, found=False)
        await tx.outbox.retry(current, "It was not found.", NOW)
        await tx.outbox.mark_sent(current, MessageRef("general", "second"), NOW, found=True)
        [part] = await claim(tx, later(seconds=12))
        assert part.parent == message, "what stands there stands there, and the first message stays"


async def test_a_post_of_a_digest_item_that_was_merged_away_is_gone(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, _ = await put_paper(tx, draft("One", arxiv("1")), NOW)
        two, _ = await put_paper(tx, draft("Two", arxiv("2")), NOW)
        await plan(tx, context, one, two)
        [overview] = await claim(tx)
        await put_paper(tx, draft("Joined", arxiv("1"), arxiv("2")), NOW)
        await sent(tx, overview)
        [part] = await claim(tx)
        assert part.item is not None
        assert part.item.paper_id == one
        await sent(tx, part)
        assert await claim(tx) == []


async def test_two_planners_at_once_make_one_digest(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, two = await papers(tx, "One", "Two")
        await subscribe(tx, context)

    async def try_to_plan(*paper_ids: int) -> bool:
        async with store.writing() as tx:
            return await plan(tx, context, *paper_ids)

    won = await asyncio.gather(*(try_to_plan(*ids) for ids in [(one, two), (two, one)] * 3))
    assert sorted(won) == [False] * 5 + [True]
    kinds = [kind async for kind, _ in store.export()]
    assert (kinds.count("digests"), kinds.count("digest_items"), kinds.count("posts")) == (1, 2, 3)


async def test_planners_of_different_slots_share_the_papers(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        ids = await papers(tx, *map(str, range(8)))
        await subscribe(tx, context)

    async def try_to_plan(day: int) -> bool:
        async with store.writing() as tx:
            order = ids if day % 2 else ids[::-1]
            return await plan(tx, context, *order, local_date=date(2026, 9, day))

    assert sorted(await asyncio.gather(*map(try_to_plan, range(1, 7)))) == [False] * 5 + [True]


async def test_workers_at_once_never_claim_the_same_post(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        for number in range(12):
            await plan(tx, await arrive(tx, channel=str(number)), paper)

    async def work(worker: str) -> list[int]:
        async with store.writing() as tx:
            return [post.id for post in await claim(tx, worker=worker, limit=4)]

    claimed = [post for posts in await asyncio.gather(*map(work, "abcdef")) for post in posts]
    assert len(claimed) == len(set(claimed))
    async with store.writing() as tx:
        claimed += [post.id for post in await claim(tx, limit=20)]
    assert len(set(claimed)) == len(claimed) == 12


@pytest.mark.parametrize("lost", ["DELETE FROM queues", "UPDATE queues SET next_at = NULL"])
async def test_what_is_in_no_queue_is_queued_up(store: SqlStore, lost: str) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        for each in (context, there):
            assert await plan(tx, each, *await papers(tx, "One"))
        await tx._connection.run(text(lost))
        assert await claim(tx) == []
        await tx.outbox.requeue_orphans(NOW)
        posts = await claim(tx)
        assert [post.part for post in posts] == [0, 0]
        await tx.outbox.requeue_orphans(NOW)
        assert await claim(tx) == [], "what is in its queue stays as it is"
        for post in posts:
            await sent(tx, post)
        assert [post.part for post in await claim(tx)] == [1, 1]


@pytest.mark.parametrize("asks", ["claim", "next_due"])
async def test_what_is_due_is_looked_up_and_not_searched_for(store: SqlStore, asks: str) -> None:
    if store._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by how much there is; benchmarks/planning.py asks it for much")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with store.writing() as tx:
        await (claim(tx) if asks == "claim" else tx.outbox.next_due(PLATFORMS))
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = next(each for each in asked if "queues" in each[0])
    async with store._engine.connect() as connection:
        how = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        told = "\n".join(str(row) for row in how)
    assert "ix_queues_next_at" in told
    assert "posts" not in told
    assert "TEMP B-TREE" not in told, "they come in the index's order"


async def test_a_plan_that_fails_half_way_leaves_nothing(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
    items = (DigestItem(paper, 999, 0.5),)
    with pytest.raises(IntegrityError):
        async with store.writing() as tx:
            await tx.digests.plan([digest(context.channel, *items)], NOW)
    async with store.writing() as tx:
        assert await last_digest(tx, context) is None
        assert await plan(tx, context, paper)


async def test_a_channels_many_posts_hold_up_no_other_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        ids = await papers(tx, *(f"Paper {number}" for number in range(60)))
        busy = await arrive(tx, channel="busy")
        assert await plan(tx, busy, *ids)
        for number in range(30):
            few = await arrive(tx, channel=f"few-{number}")
            assert await plan(tx, few, ids[0], now=later(minutes=number))

        turns: list[list[int]] = []
        while posts := await claim(tx, at := later(hours=1, seconds=len(turns)), limit=10):
            turns.append([post.channel.id for post in posts])
            for post in posts:
                await tx.outbox.mark_sent(post, MessageRef("general", post.token), at, found=False)
        assert [turn.count(busy.channel.id) for turn in turns[:7]] == [1, 0, 0, 1, 0, 0, 1]
        assert all(turn == [busy.channel.id] for turn in turns[7:]), "the others are done"


async def test_a_channels_posts_keep_apart_whatever_is_planned_meanwhile(store: SqlStore) -> None:
    second = timedelta(seconds=1)
    async with store.writing() as tx:
        context = await arrive(tx)
        assert await plan(tx, context)
        [overview] = await claim(tx)
        await tx.outbox.mark_sent(
            overview, MessageRef("general", "one"), NOW, found=False, min_interval=second
        )
        assert await tx.outbox.next_due(PLATFORMS) is None
        assert await plan(tx, context, *await papers(tx, "One"), local_date=TOMORROW)
        assert await tx.outbox.next_due(PLATFORMS) == NOW + second
        assert await claim(tx, NOW + second / 2) == []
        assert len(await claim(tx, NOW + second)) == 1


async def test_a_workspace_that_asks_to_wait_holds_up_no_other(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        for workspace in ("asking", "other"):
            for channel in "abc":
                assert await plan(tx, await arrive(tx, channel=channel, workspace=workspace), paper)
        [asking] = await claim(tx, limit=1)
        await tx.outbox.retry(asking, "Wait.", later(seconds=30))
        await tx.outbox.throttle(asking.channel, later(seconds=30))
        others = await claim(tx)
        assert [post.channel.workspace for post in others] == ["other"] * 3
        for post in others:
            await sent(tx, post)
        assert {post.channel.workspace for post in await claim(tx, later(seconds=29))} == {"other"}
        assert {post.channel.workspace for post in await claim(tx, later(seconds=30))} == {"asking"}


async def test_a_team_may_be_left_out(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
        busy = await arrive(tx, workspace="busy")
        assert await plan(tx, busy, paper)
        excluded_teams = [busy.channel.team_id]
        assert await tx.outbox.claim(PLATFORMS, "one", NOW, 60, 9, excluded_teams=excluded_teams) == []
        assert await tx.outbox.next_due(PLATFORMS, excluded_teams=excluded_teams) is None
        assert await tx.outbox.next_due(PLATFORMS) == NOW


async def test_a_post_that_is_planned_while_the_last_one_is_confirmed_is_not_passed_over(
    store: SqlStore,
) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        assert await plan(tx, context)
        await subscribe(tx, context)
        [last] = await claim(tx)
        [paper] = await papers(tx, "One")

    async def confirm() -> None:
        async with store.writing() as tx:
            await sent(tx, last)

    async def plan_on(day: int) -> None:
        async with store.writing() as tx:
            await plan(tx, context, paper, local_date=TODAY + timedelta(days=day))

    await asyncio.gather(confirm(), plan_on(1), plan_on(2))
    async with store.writing() as tx:
        [following] = await claim(tx)
        assert following.part == 0


@pytest.mark.parametrize("state", ["planned", "sending", "unknown"])
async def test_times_of_a_clock_that_was_set_back_hold_nothing_up(store: SqlStore, state: str) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        ahead = later(days=400)
        assert await plan(tx, context, *await papers(tx, "One"), now=ahead)
        if state != "planned":
            [post] = await claim(tx, ahead)
        if state == "unknown":
            await tx.outbox.mark_unknown(post, "no answer", later(days=400, minutes=2))
        [post] = await claim(tx)
        assert post.state is (PostState.SENDING if state == "planned" else PostState.UNKNOWN)
        assert await claim(tx) == []


async def test_a_request_to_a_mailbox_is_a_post_of_its_own(store: SqlStore) -> None:
    asker = Identity(SLACK, "T1", "U1", "Ada")
    whole = MailboxRequest(
        "ada@example.org",
        ("experts", "kettles"),
        {"at": "09:00"},
        trending=True,
        team_id=7,
        asked_by=asker,
    )
    bare = MailboxRequest("bob@example.org", ("tea",))
    async with store.writing() as tx:
        for request, maybe_sent in ((whole, True), (bare, False)):
            place = await arrive(tx, request.address, request.address)
            token = f"token of {request.address[:3]}"
            await tx.outbox.plan_request(place, request, token, NOW, maybe_sent=maybe_sent)
        claimed = await claim(tx)
        assert [(post.token, post.request, post.resends) for post in claimed] == [
            ("token of ada", whole, 1),
            ("token of bob", bare, 0),
        ]
        assert all((post.digest_id, post.news, post.part) == (None, None, 0) for post in claimed)
        for post in claimed:
            await tx.outbox.retry(post, "later", later(minutes=1))
    async with store.writing() as tx:
        assert await claim(tx) == []
        again = await claim(tx, later(minutes=2))
        assert [post.request for post in again] == [whole, bare]
        for post in again:
            await tx.outbox.mark_failed(post, "refused")
        troubles = await tx.outbox.list_troubles(NOW)
        assert [each.post.request for each in troubles] == [bare, whole]
        assert await claim(tx, later(hours=5)) == []
