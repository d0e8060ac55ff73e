"""Votes by reaction, told in whatever order, and counted while people go on."""

import pytest

from bot.domain.vote import Reaction, TallyCount, Vote, VoteSource
from storage.sql.migrations import migrate
from storage.sql.migrations.history import downgrade
from storage.sql.store import SqlStore
from tests.storage.making import DOWN, NOW, UP, arrive, later, origin, papers, react, show
from tests.storage.test_migrations import on

DARK = Reaction("+1::skin-tone-6", Vote.UP)
UPPED, NOTHING = TallyCount(1, 0), TallyCount()


class Card:
    """A card, and what Ann's platform tells of it with its own time."""

    def __init__(self, tx, context, paper, message):
        self.tx, self.context, self.paper, self.message = tx, context, paper, message

    async def told(self, reaction, minute, *, added=True, timed=True):
        at = later(minutes=minute)
        await react(
            self.tx, self.context, self.paper, self.message, reaction, at=at, added=added, timed=timed
        )

    async def counted(self, *reactions, minute, known, timed=True):
        counted = {self.context.person.id: reactions} if reactions else {}
        at = later(minutes=minute)
        await self.tx.reactions.recount(
            self.context, self.paper, self.message, counted, at, known=known, timed=timed
        )

    async def known(self):
        return await self.tx.reactions.list_known(origin(), self.message)

    async def tally(self):
        return (await self.tx.votes.tallies(self.context.channel.id, [self.paper]))[self.paper]


@pytest.fixture
async def card(store: SqlStore):
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        yield Card(tx, context, paper, await show(tx, context, "m", paper))


async def test_a_removal_that_is_heard_before_its_addition_leaves_no_vote(card):
    await card.told(UP, 2, added=False)
    await card.told(UP, 1)
    assert await card.tally() == NOTHING
    await card.told(UP, 3)
    assert await card.tally() == UPPED, "who reacts again votes again"


async def test_an_addition_that_is_heard_again_after_the_removal_leaves_no_vote(card):
    await card.told(UP, 1)
    await card.told(UP, 2, added=False)
    await card.told(UP, 1)
    assert await card.tally() == NOTHING


async def test_where_no_time_is_told_the_last_word_counts_whatever_our_clock_says(card):
    await card.told(UP, 60, timed=False)
    await card.told(UP, 1, added=False, timed=False)
    assert await card.tally() == NOTHING
    await card.told(UP, 0, timed=False)
    assert await card.tally() == UPPED


async def test_two_tones_are_two_reactions_of_one_vote(card):
    await card.told(UP, 1)
    await card.told(DARK, 2)
    await card.told(UP, 3, added=False)
    assert await card.tally() == UPPED
    await card.told(DARK, 4, added=False)
    assert await card.tally() == NOTHING


@pytest.mark.parametrize("timed", [True, False])
async def test_a_count_does_not_bring_back_what_was_taken_away_since_it_began(card, timed):
    await card.told(UP, 1, timed=timed)
    known = await card.known()
    await card.told(UP, 6, added=False, timed=timed)
    await card.counted(UP, minute=5, known=known, timed=timed)
    assert await card.tally() == NOTHING


@pytest.mark.parametrize("timed", [True, False])
async def test_a_count_does_not_take_away_what_was_added_since_it_began(card, timed):
    known = await card.known()
    await card.told(DOWN, 6, timed=timed)
    await card.counted(minute=5, known=known, timed=timed)
    assert await card.tally() == TallyCount(0, 1)


async def test_what_happened_before_a_count_and_is_heard_after_it_changes_nothing(card):
    await card.counted(minute=5, known=frozenset())
    await card.told(UP, 4)
    assert await card.tally() == NOTHING
    await card.told(UP, 6)
    assert await card.tally() == UPPED


async def test_a_count_by_a_clock_that_is_behind_ends_what_was_missed(card):
    await card.told(UP, 60, timed=False)
    await card.counted(minute=0, known=await card.known(), timed=False)
    assert await card.tally() == NOTHING


async def test_tombstones_go_after_a_while_and_votes_stay(card):
    await card.told(UP, 1)
    await card.told(DOWN, 2, added=False)
    assert await card.tx.reactions.sweep(later(minutes=2)) == 0
    assert await card.tx.reactions.sweep(later(minutes=3)) == 1
    assert await card.tally() == UPPED


@pytest.mark.parametrize("how", ["removed", "removed in another tone", "counted", "counted away"])
async def test_votes_from_before_emoji_were_kept_end_with_any_tone(database: str, how: str) -> None:
    store = SqlStore(database)
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        message = await show(tx, context, "m", paper)
        for reaction in (UP, DARK):
            await react(tx, context, paper, message, reaction, at=later(minutes=1))
        await tx.votes.cast(context, paper, Vote.DOWN, VoteSource.BUTTON, NOW)
    await store.close()
    await on(database, lambda connection: downgrade(connection, "0009"))
    await migrate(database)
    store = SqlStore(database)
    async with store.writing() as tx:
        card = Card(tx, context, paper, message)
        assert await card.tally() == UPPED
        if how.startswith("removed"):
            await card.told(UP if how == "removed" else DARK, 2, added=False)
            assert await card.tally() == TallyCount(0, 1)
        else:
            counted = [DARK] if how == "counted" else []
            await card.counted(*counted, minute=3, known=await card.known())
            assert await card.tally() == (UPPED if counted else TallyCount(0, 1))
            await card.told(DARK, 4, added=False)
            assert await card.tally() == TallyCount(0, 1)
    await store.close()
