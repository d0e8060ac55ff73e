"""Links to papers, and where a paper was discussed before."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.channel import Here, Links
from bot.domain.history import Deed
from bot.domain.message import MessageRef, Shown, Talk
from bot.domain.vote import TallyCount
from storage.sql.store import SqlStore
from tests.storage.making import DOWN, NOW, UP, arrive, later, papers, react, show

HALF_AN_HOUR = timedelta(minutes=30)


async def test_a_link_is_answered_for_once_in_a_while_in_each_channel(store: SqlStore) -> None:
    async with store.writing() as tx:
        here, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")

        async def answered(where: Here, paper: int, minutes: int) -> bool:
            now = later(minutes=minutes)
            return await tx.messages.answer(where.channel, paper, now, now - HALF_AN_HOUR)

        assert await answered(here, one, 0)
        assert not await answered(here, one, 29)
        assert await answered(here, two, 29)
        assert await answered(there, one, 29)
        assert await answered(here, one, 31)
        assert not await answered(here, one, 60), "counted from the last answer on"


async def test_somebodys_link_takes_votes_but_is_not_redrawn(store: SqlStore) -> None:
    async with store.writing() as tx:
        here = await arrive(tx)
        (one,) = await papers(tx, "One")
        linked = await show(tx, here, "linked", one, shown=Shown.LINKED)
        answer = await show(tx, here, "answer", one, shown=Shown.LINK)
        assert await tx.messages.paper_on(here.channel.id, linked) == one
        assert [each.message for each in await tx.messages.showing(here.channel.id, one, 9)] == [answer]


async def test_a_message_that_links_elsewhere_now_loses_its_paper_and_the_votes_on_it(
    store: SqlStore,
) -> None:
    async with store.writing() as tx:
        here = await arrive(tx)
        one, two = await papers(tx, "One", "Two")
        message = await show(tx, here, "linked", one, two, shown=Shown.LINKED)
        card = await show(tx, here, "card", one)
        await react(tx, here, one, message, UP, at=NOW)
        await react(tx, here, one, card, DOWN, at=NOW)
        await tx.messages.unlink(here.channel.id, message, {two})
        await tx.messages.unlink(here.channel.id, card, set())
        assert await tx.messages.paper_on(here.channel.id, message) == two
        assert await tx.messages.paper_on(here.channel.id, card) == one, "the bot's own messages stay"
        marks = await tx.marking.marks(here.channel.id, [one])
        assert marks[one].tally == TallyCount(0, 1)


async def test_the_latest_talk_on_a_paper(store: SqlStore) -> None:
    async with store.writing() as tx:
        here, there = await arrive(tx), await arrive(tx, channel="random")
        one, two = await papers(tx, "One", "Two")
        for number, name in enumerate(("first", "second", "silent")):
            await tx.discussions.open(here, one, MessageRef("general", name), later(hours=number))
        for number, name in enumerate(("first", "second", "second")):
            comment = MessageRef("general", f"reply {number}", name)
            await tx.discussions.comment(here, comment, later(hours=9))
        second = Talk(later(hours=1), MessageRef("general", "second"), 2)
        first = Talk(NOW, MessageRef("general", "first"), 1)
        assert await tx.discussions.latest_on(here.channel.id, one, None) == second
        assert await tx.discussions.latest_on(here.channel.id, one, "second") == first
        assert await tx.discussions.latest_on(here.channel.id, two, None) is None
        assert await tx.discussions.latest_on(there.channel.id, one, None) is None


async def test_a_reply_under_somebodys_link_is_a_discussion(store: SqlStore) -> None:
    async with store.writing() as tx:
        here = await arrive(tx)
        (one,) = await papers(tx, "One")
        await show(tx, here, "linked", one, shown=Shown.LINKED)
        assert await tx.discussions.comment(here, MessageRef("general", "reply", "linked"), NOW) == one
        (entry,), _ = await tx.discussions.history(here.channel.id, 9, 0)
        assert Deed.DISCUSSED in entry.deeds
        assert entry.message == MessageRef("general", "linked")


async def test_whether_links_are_followed_is_a_setting(store: SqlStore) -> None:
    async with store.writing() as tx:
        here = await arrive(tx)
        assert here.channel.settings.links is Links.OFF
        await tx.directory.change_settings(here.channel.id, replace(here.channel.settings, links=Links.ON))
        assert (await tx.directory.channel(here.channel.id)).settings.links is Links.ON
