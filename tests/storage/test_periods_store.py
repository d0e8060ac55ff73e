"""Papers of a day, a week or a month: what a team did with them, who brought them, and the days around."""

from datetime import date

from bot.domain.history import Activity
from bot.domain.message import MessageRef
from bot.domain.vote import TallyCount, Vote, VoteSource
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, arrive, draft, later, put_paper, show

FRIDAY, SATURDAY, MONDAY = date(2026, 4, 17), date(2026, 4, 18), date(2026, 4, 20)


async def put(tx: SqlTransaction, title: str, team_id: int | None = None, **fields: object) -> int:
    return (await put_paper(tx, draft(title, **fields), NOW, team_id))[0]


async def test_a_period_has_the_papers_that_arrived_in_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        team = (await arrive(tx)).team_id
        await put(tx, "Before", listed=date(2026, 4, 16))
        first = await put(tx, "First", listed=FRIDAY, published=date(2026, 4, 1))
        unlisted = await put(tx, "Unlisted", published=SATURDAY)
        last = await put(tx, "Last", listed=MONDAY)
        await put(tx, "After", listed=date(2026, 4, 21))
        today = await put(tx, "Undated")
        found = await tx.papers.activity_between(team, FRIDAY, MONDAY, 9)
        assert found == [Activity(last, MONDAY), Activity(unlisted, SATURDAY), Activity(first, FRIDAY)]
        assert await tx.papers.activity_between(team, NOW.date(), NOW.date(), 9) == [
            Activity(today, NOW.date())
        ]
        assert await tx.papers.activity_between(team, date(2026, 5, 1), date(2026, 5, 31), 9) == []


async def test_a_periods_papers_come_with_all_that_the_team_did_with_them(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, bob = await arrive(tx, "ann"), await arrive(tx, "bob", "random")
        alone = await arrive(tx, channel="talk", direct=True)
        stranger = await arrive(tx, workspace="elsewhere")
        voted = await put(tx, "Voted", listed=FRIDAY)
        liked = await put(tx, "Liked", listed=FRIDAY, upvotes=50)
        talked = await put(tx, "Talked", listed=FRIDAY)
        other = await put(tx, "Other", listed=MONDAY)
        await tx.votes.cast(ann, voted, Vote.UP, VoteSource.BUTTON, later(days=-150))
        await tx.votes.cast(bob, voted, Vote.UP, VoteSource.BUTTON, NOW)
        for where in (alone, stranger):
            await tx.votes.cast(where, liked, Vote.DOWN, VoteSource.BUTTON, NOW)
        await tx.votes.cast(ann, other, Vote.UP, VoteSource.BUTTON, NOW)
        await show(tx, ann, "m", talked)
        await tx.discussions.comment(ann, MessageRef("general", "c1", "m"), NOW)
        assert await tx.papers.activity_between(ann.team_id, FRIDAY, SATURDAY, 9) == [
            Activity(talked, FRIDAY, comments=1),
            Activity(voted, FRIDAY, tally=TallyCount(2, 0)),
            Activity(liked, FRIDAY, upvotes=50),
        ]
        [strangers, *_] = await tx.papers.activity_between(stranger.team_id, FRIDAY, SATURDAY, 9)
        assert strangers == Activity(liked, FRIDAY, 50, TallyCount(0, 1))


async def test_where_a_period_has_too_many_papers_each_day_gives_its_best(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        by_day = {
            day: [await put(tx, f"{day} {number}", listed=day, upvotes=number) for number in range(4)]
            for day in (FRIDAY, MONDAY)
        }
        await tx.votes.cast(context, by_day[FRIDAY][0], Vote.UP, VoteSource.BUTTON, NOW)
        found = await tx.papers.activity_between(context.team_id, FRIDAY, MONDAY, 5)
        assert [each.paper_id for each in found] == [
            by_day[FRIDAY][0],
            *(by_day[day][number] for number in (3, 2) for day in (MONDAY, FRIDAY)),
        ]


async def test_the_days_around_a_period_that_have_papers(store: SqlStore) -> None:
    async with store.writing() as tx:
        team = (await arrive(tx)).team_id
        assert await tx.papers.nearest_days(team, FRIDAY, FRIDAY, NOW.date()) == (None, None)
        for day in (date(2026, 4, 1), date(2026, 4, 9), FRIDAY, date(2026, 5, 4), date(2027, 1, 1)):
            await put(tx, f"Of {day}", listed=day)
        near = tx.papers.nearest_days
        assert await near(team, FRIDAY, FRIDAY, NOW.date()) == (date(2026, 4, 9), date(2026, 5, 4))
        assert await near(team, date(2026, 4, 1), date(2026, 4, 30), NOW.date()) == (None, date(2026, 5, 4))
        assert await near(team, date(2026, 9, 1), date(2026, 9, 30), NOW.date()) == (date(2026, 5, 4), None)


async def test_submitters_come_by_how_often_they_did(store: SqlStore) -> None:
    async with store.writing() as tx:
        team = (await arrive(tx)).team_id
        assert await tx.papers.submitters(team, FRIDAY, MONDAY, 9) == []
        for number, name in enumerate(("zoe", "AK", "taesiri", "AK", None, "", "taesiri", "AK", "bo")):
            await put(tx, f"Paper {number}", listed=FRIDAY, submitted_by=name)
        for number in range(9):
            await put(tx, f"Later {number}", listed=date(2026, 4, 21), submitted_by="bo")
        assert await tx.papers.submitters(team, FRIDAY, MONDAY, 9) == ["AK", "taesiri", "zoe", "bo"]
        assert await tx.papers.submitters(team, FRIDAY, MONDAY, 2) == ["AK", "taesiri"]


async def test_what_a_team_added_is_of_no_period_of_others(store: SqlStore) -> None:
    async with store.writing() as tx:
        ours, theirs = (await arrive(tx)).team_id, (await arrive(tx, workspace="elsewhere")).team_id
        own = await put(tx, "Our own", ours, listed=FRIDAY, submitted_by="ann")
        assert await tx.papers.activity_between(ours, FRIDAY, FRIDAY, 9) == [Activity(own, FRIDAY)]
        assert await tx.papers.activity_between(theirs, FRIDAY, FRIDAY, 9) == []
        assert await tx.papers.submitters(ours, FRIDAY, FRIDAY, 9) == ["ann"]
        assert await tx.papers.submitters(theirs, FRIDAY, FRIDAY, 9) == []
        around = (SATURDAY, date(2026, 4, 16), NOW.date())
        assert await tx.papers.nearest_days(ours, *around) == (FRIDAY, FRIDAY)
        assert await tx.papers.nearest_days(theirs, *around) == (None, None)
