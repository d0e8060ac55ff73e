"""Digests of one post with all their papers, and posts that are sent again because nobody can be asked."""

from datetime import timedelta

import pytest

from bot.domain.channel import Context, Platform
from bot.domain.message import MessageRef
from bot.domain.post import DigestItem, Post, PostState
from bot.domain.subscription import DueSlot
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import (
    NINE,
    NOW,
    arrive,
    claim,
    digest,
    fresh,
    last_digest,
    later,
    papers,
    subscribe,
)

PIGEON = Platform("pigeon")


async def plan_single(tx: SqlTransaction, *titles: str) -> tuple[Context, list[int]]:
    """Plan a single digest, each paper under a topic of its own."""
    context = await arrive(tx)
    ids = await papers(tx, *titles)
    items = [DigestItem(each, await subscribe(tx, context, f"Topic {each}"), 0.5) for each in ids]
    assert await tx.digests.plan([digest(context.channel, *items, single=True)], NOW) == [True]
    return context, ids


async def posted(tx: SqlTransaction, context: Context, ids: list[int]) -> set[bool]:
    return {each.posted for each in (await tx.paper_statuses.get(context.channel.id, ids)).values()}


async def the_post(tx: SqlTransaction) -> Post:
    [post] = await claim(tx)
    return post


async def test_a_single_digest_is_one_post_that_shows_all_its_papers(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, ids = await plan_single(tx, "One", "Two")
        stored = await last_digest(tx, context)
        assert stored is not None
        assert stored.plan.single
        post = await the_post(tx)
        assert (post.part, post.item) == (0, None)
        assert not any(
            each.posted for each in (await tx.paper_statuses.get(context.channel.id, ids)).values()
        )
        await tx.outbox.mark_sent(post, MessageRef("general", "1"), NOW, found=False)
        assert await claim(tx, later(hours=1)) == []
        assert await posted(tx, context, ids) == {True}
        assert await fresh(tx, context) == frozenset()


@pytest.mark.parametrize("maybe_sent", [False, True])
async def test_papers_of_a_single_digest_come_again_only_if_it_certainly_failed(
    store: SqlStore, maybe_sent: bool
) -> None:
    async with store.writing() as tx:
        context, ids = await plan_single(tx, "One", "Two")
        await tx.outbox.mark_failed(await the_post(tx), "no", maybe_sent=maybe_sent)
        assert await fresh(tx, context) == (frozenset() if maybe_sent else frozenset(ids))
        assert not any(
            each.posted for each in (await tx.paper_statuses.get(context.channel.id, ids)).values()
        )


async def test_a_topic_that_ends_leaves_a_single_digest_before_it_is_sent(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, (one, two) = await plan_single(tx, "One", "Two")
        ended, kept = await tx.subscriptions.of_channel(context.channel.id)
        await tx.subscriptions.end(context.channel.id, ended.id)
        await tx.digests.cancel_inactive(context.channel.id)
        stored = await last_digest(tx, context)
        assert stored is not None
        assert [item.paper_id for item in stored.plan.items] == [two]
        assert await fresh(tx, context) == {one}
        await tx.subscriptions.end(context.channel.id, kept.id)
        await tx.digests.cancel_inactive(context.channel.id)
        assert await last_digest(tx, context) is None
        assert await claim(tx, later(hours=1)) == []


async def test_a_topic_that_ends_takes_nothing_back_that_was_sent(
    store: SqlStore,
) -> None:
    async with store.writing() as tx:
        context, ids = await plan_single(tx, "One")
        await tx.outbox.mark_sent(await the_post(tx), MessageRef("general", "1"), NOW, found=False)
        [subscription] = await tx.subscriptions.of_channel(context.channel.id)
        await tx.subscriptions.end(context.channel.id, subscription.id)
        await tx.digests.cancel_inactive(context.channel.id)
        assert await posted(tx, context, ids) == {True}
        assert await fresh(tx, context) == frozenset()


async def test_a_post_counts_how_often_it_was_sent_again(store: SqlStore) -> None:
    async with store.writing() as tx:
        await plan_single(tx, "One")
        post = await the_post(tx)
        assert post.resends == 0
        for expected in (1, 2):
            await tx.outbox.mark_unknown(post, "no answer", NOW)
            post = await the_post(tx)
            assert post.state is PostState.UNKNOWN
            await tx.outbox.retry(post, "again", NOW, maybe_sent=True)
            post = await the_post(tx)
            assert (post.state, post.resends) == (PostState.SENDING, expected)
        await tx.outbox.retry(post, "busy", NOW)
        assert (await the_post(tx)).resends == 2


@pytest.mark.parametrize("maybe_sent", [False, True])
async def test_a_post_that_may_have_arrived_is_not_withdrawn_for_the_next_digest(
    store: SqlStore, maybe_sent: bool
) -> None:
    async with store.writing() as tx:
        context, ids = await plan_single(tx, "One")
        await tx.outbox.retry(await the_post(tx), "again", later(hours=1), maybe_sent=maybe_sent)
        due = DueSlot(1, context.channel, NINE, NOW + timedelta(days=1))
        assert await tx.digests.cancel_unsent([due]) == (0 if maybe_sent else 1)
        assert await fresh(tx, context) == (frozenset() if maybe_sent else frozenset(ids))


async def test_a_post_is_found_by_its_token(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, _ = await plan_single(tx, "One")
        post = await the_post(tx)
        assert await tx.outbox.channel_by_token(post.token) == context.channel
        assert await tx.outbox.channel_by_token(f"{post.token}x") is None
        assert await tx.directory.find_channel(context.channel.id) == context.channel
        assert await tx.directory.find_channel(context.channel.id + 1000) is None


async def test_a_workspace_joins_a_team_and_never_leaves_it_for_another(store: SqlStore) -> None:
    async with store.writing() as tx:
        one, two = await arrive(tx), await arrive(tx, workspace="other")
        assert await tx.directory.join_team(PIGEON, "loft", one.team_id)
        assert await tx.directory.join_team(PIGEON, "loft", one.team_id)
        assert not await tx.directory.join_team(PIGEON, "loft", two.team_id)
        assert not await tx.directory.join_team(PIGEON, "coop", two.team_id + 1000)
