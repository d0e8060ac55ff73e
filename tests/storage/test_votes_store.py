from bot.domain.channel import Context
from bot.domain.paper import RankedPaper
from bot.domain.vote import TallyCount, Vote, VoteSource
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import (
    DOWN,
    NOW,
    UP,
    arrive,
    doi,
    draft,
    later,
    origin,
    papers,
    put_paper,
    react,
    show,
)


async def cast(tx: SqlTransaction, context: Context, paper: int, value: Vote, minute: int = 0) -> None:
    await tx.votes.cast(context, paper, value, VoteSource.COMMAND, later(minutes=minute))


async def own(tx: SqlTransaction, context: Context, paper: int) -> Vote:
    return (await tx.paper_statuses.get(context.channel.id, [paper], context.person.id))[paper].own_vote


async def test_the_latest_vote_wins_and_none_retracts(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        for minute, value in enumerate([Vote.UP, Vote.DOWN, Vote.UP, Vote.NONE]):
            await cast(tx, context, paper, value, minute)
            assert await own(tx, context, paper) is value
        assert await tx.votes.tallies(context.channel.id, [paper]) == {paper: TallyCount()}


async def test_votes_of_one_moment_are_taken_in_the_order_in_which_they_came(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        for value in [Vote.UP, Vote.DOWN, Vote.UP]:
            await cast(tx, context, paper, value)
        assert await own(tx, context, paper) is Vote.UP


async def test_a_late_report_of_an_early_vote_does_not_win(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        await cast(tx, context, paper, Vote.UP, minute=5)
        await cast(tx, context, paper, Vote.DOWN, minute=1)
        assert await own(tx, context, paper) is Vote.UP


async def test_taking_the_second_reaction_away_gives_the_first_back(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        message = await show(tx, context, "m", paper)
        await react(tx, context, paper, message, UP, at=later(minutes=1))
        await react(tx, context, paper, message, DOWN, at=later(minutes=2))
        assert await own(tx, context, paper) is Vote.DOWN
        await react(tx, context, paper, message, DOWN, at=later(minutes=3), added=False)
        assert await own(tx, context, paper) is Vote.UP
        await react(tx, context, paper, message, UP, at=later(minutes=4), added=False)
        assert await own(tx, context, paper) is Vote.NONE


async def test_none_retracts_a_reaction_that_still_stands_until_it_is_made_again(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        message = await show(tx, context, "m", paper)
        await react(tx, context, paper, message, UP, at=later(minutes=1))
        await cast(tx, context, paper, Vote.NONE, minute=2)
        assert await own(tx, context, paper) is Vote.NONE
        await react(tx, context, paper, message, UP, at=later(minutes=3), added=False)
        await react(tx, context, paper, message, UP, at=later(minutes=4))
        assert await own(tx, context, paper) is Vote.UP


async def test_adding_a_reaction_twice_is_one_observation_of_the_first_time(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        [paper] = await papers(tx, "One")
        message = await show(tx, context, "m", paper)
        await react(tx, context, paper, message, UP, at=later(minutes=1))
        await cast(tx, context, paper, Vote.DOWN, minute=2)
        await react(tx, context, paper, message, UP, at=later(minutes=3))
        assert await own(tx, context, paper) is Vote.DOWN
        assert await tx.votes.tallies(context.channel.id, [paper]) == {paper: TallyCount(0, 1)}


async def test_a_recount_replaces_the_reactions_of_its_message_only(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob")
        cleo = await tx.directory.ensure_person(ann.channel, "cleo", NOW)
        [paper] = await papers(tx, "One")
        message, other = await show(tx, ann, "m", paper), await show(tx, ann, "n", paper)
        await react(tx, ann, paper, message, UP, at=later(minutes=1))
        await react(tx, bob, paper, message, DOWN, at=later(minutes=1))
        await react(tx, bob, paper, other, UP, at=NOW)
        await cast(tx, ann, paper, Vote.DOWN, minute=2)

        counted = {ann.person.id: [UP], cleo: [UP]}
        known = await tx.reactions.list_known(origin(), message)
        await tx.reactions.recount(ann, paper, message, counted, later(minutes=9), known=known, timed=False)

        assert await own(tx, ann, paper) is Vote.DOWN, "what was seen before keeps its time"
        assert await own(tx, bob, paper) is Vote.UP, "his reaction on the other message still stands"
        assert await tx.votes.tallies(ann.channel.id, [paper]) == {paper: TallyCount(2, 1)}


async def test_votes_of_other_channels_and_teams_are_other_votes(store: SqlStore) -> None:
    async with store.writing() as tx:
        context, there = await arrive(tx), await arrive(tx, channel="random")
        abroad = await arrive(tx, workspace="elsewhere")
        [paper] = await papers(tx, "One")
        await cast(tx, context, paper, Vote.UP)
        await cast(tx, abroad, paper, Vote.DOWN)
        assert await tx.votes.tallies(there.channel.id, [paper]) == {paper: TallyCount()}
        assert await own(tx, there, paper) is Vote.NONE
        assert await tx.votes.tallies(abroad.channel.id, [paper]) == {paper: TallyCount(0, 1)}


async def test_leaders_are_in_the_order_of_their_scores(store: SqlStore) -> None:
    async with store.writing() as tx:
        people = [await arrive(tx, name) for name in ("ann", "bob", "cleo")]
        first, second, third, retracted, _ = await papers(tx, "1", "2", "3", "4", "5")
        for context in people:
            await cast(tx, context, second, Vote.UP, minute=-60)
        await cast(tx, people[0], first, Vote.UP, minute=1)
        await cast(tx, people[0], third, Vote.DOWN, minute=1)
        await cast(tx, people[0], retracted, Vote.UP)
        await cast(tx, people[0], retracted, Vote.NONE, minute=1)
        channel = people[0].channel.id

        ranked, total = await tx.votes.leaders(channel, None, 10, 0)
        assert total == 3
        assert ranked == [
            RankedPaper(second, TallyCount(3, 0)),
            RankedPaper(first, TallyCount(1, 0)),
            RankedPaper(third, TallyCount(0, 1)),
        ]
        assert await tx.votes.leaders(channel, None, 1, 1) == (ranked[1:2], 3)
        assert await tx.votes.leaders(channel, NOW, 10, 0) == (ranked[1:], 2)
        assert await tx.votes.leaders(channel, None, 10, 30) == ([], 3)


async def test_a_vote_on_the_old_number_of_a_merged_paper_is_one_on_what_it_became(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        (kept, _), (gone, _) = [
            await put_paper(tx, draft(name, doi(name)), NOW) for name in ("10.1/a", "10.1/b")
        ]
        await put_paper(tx, draft("Joined", doi("10.1/a"), doi("10.1/b")), NOW)
        await cast(tx, context, gone, Vote.UP)
        assert await own(tx, context, kept) is Vote.UP
        assert await own(tx, context, gone) is Vote.UP
