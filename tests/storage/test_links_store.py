"""Links to papers, and where a paper was discussed before."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.channel import Context, LinkFollowing
from bot.domain.history import ActivityKind
from bot.domain.message import DiscussionThread, MessageKind, MessageRef
from bot.domain.vote import TallyCount
from storage.sql.store import SqlStore
from tests.storage.making import DOWN, NOW, UP, arrive, later, papers, react, show

HALF_AN_HOUR = timedelta(minutes=30)


async def test_a_link_is_answered_for_once_in_a_while_in_each_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")

        async def answered(where: Context, paper: int, minutes: int) -> bool:
            now = later(minutes=minutes)
            return await tx.messages.claim_link_answer(where.channel, paper, now, now - HALF_AN_HOUR)

        assert await answered(context, one, 0)
        assert not await answered(context, one, 29)
        assert await answered(context, two, 29)
        assert await answered(there, one, 29)
        assert await answered(context, one, 31)
        assert not await answered(context, one, 60), "counted from the last answer on"


async def test_somebodys_link_takes_votes_but_is_not_redrawn(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        (one,) = await papers(tx, "One")
        linked = await show(tx, context, "linked", one, kind=MessageKind.LINKED)
        answer = await show(tx, context, "answer", one, kind=MessageKind.LINK)
        assert await tx.messages.paper_on(context.channel.id, linked) == one
        assert [each.message for each in await tx.messages.find_cards(context.channel.id, one, 9)] == [answer]


async def test_a_message_that_links_elsewhere_now_loses_its_paper_and_the_votes_on_it(
    store: SqlStore,
) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        one, two = await papers(tx, "One", "Two")
        message = await show(tx, context, "linked", one, two, kind=MessageKind.LINKED)
        card = await show(tx, context, "card", one)
        await react(tx, context, one, message, UP, at=NOW)
        await react(tx, context, one, card, DOWN, at=NOW)
        await tx.messages.unlink(context.channel.id, message, {two})
        await tx.messages.unlink(context.channel.id, card, set())
        assert await tx.messages.paper_on(context.channel.id, message) == two
        assert await tx.messages.paper_on(context.channel.id, card) == one, "the bot's own messages stay"
        marks = await tx.paper_statuses.get(context.channel.id, [one])
        assert marks[one].tally == TallyCount(0, 1)


async def test_the_latest_talk_on_a_paper(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")
        for number, name in enumerate(("first", "second", "silent")):
            await tx.discussions.open(context, one, MessageRef("general", name), later(hours=number))
        for number, name in enumerate(("first", "second", "second")):
            comment = MessageRef("general", f"reply {number}", name)
            await tx.discussions.comment(context, comment, later(hours=9))
        second = DiscussionThread(later(hours=1), MessageRef("general", "second"), 2)
        first = DiscussionThread(NOW, MessageRef("general", "first"), 1)
        assert await tx.discussions.latest_thread(context.channel.id, one, None) == second
        assert await tx.discussions.latest_thread(context.channel.id, one, "second") == first
        assert await tx.discussions.latest_thread(context.channel.id, two, None) is None
        assert await tx.discussions.latest_thread(there.channel.id, one, None) is None


async def test_a_reply_under_somebodys_link_is_a_discussion(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        (one,) = await papers(tx, "One")
        await show(tx, context, "linked", one, kind=MessageKind.LINKED)
        assert await tx.discussions.comment(context, MessageRef("general", "reply", "linked"), NOW) == one
        (entry,), _ = await tx.discussions.history(context.channel.id, 9, 0)
        assert ActivityKind.DISCUSSED in entry.activities
        assert entry.message == MessageRef("general", "linked")


async def test_whether_links_are_followed_is_a_setting(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        assert context.channel.settings.link_following is LinkFollowing.OFF
        await tx.directory.change_settings(
            context.channel.id, replace(context.channel.settings, link_following=LinkFollowing.ON)
        )
        assert (await tx.directory.channel(context.channel.id)).settings.link_following is LinkFollowing.ON
