"""Who asks which source when, one process at a time."""

from datetime import date, timedelta

from bot.domain.message import MessageKind, MessageRef
from bot.domain.source import SourcePoll, SourceRun, SourceState
from bot.domain.vote import Vote, VoteSource
from storage.sql.store import SqlStore
from tests.storage.making import NOW, TODAY, arrive, arxiv, doi, draft, later, papers, plan, put_paper, show

LEASE = later(minutes=15)


async def test_a_source_is_in_one_hand_at_a_time(store: SqlStore) -> None:
    async with store.writing() as tx:
        assert await tx.source_polls.claim("arxiv", "one", NOW, LEASE) == SourcePoll("arxiv")
        assert await tx.source_polls.claim("arxiv", "two", NOW, LEASE) is None
        assert await tx.source_polls.claim("openalex", "two", NOW, LEASE) == SourcePoll("openalex")
        assert not await tx.source_polls.extend_lease("arxiv", "two", later(hours=1))
        assert await tx.source_polls.extend_lease("arxiv", "one", later(hours=1))
        assert await tx.source_polls.claim("arxiv", "two", later(minutes=59), later(hours=2)) is None

        done = SourcePoll("arxiv", TODAY, NOW, "2026-09-20: failed, timed out")
        await tx.source_polls.finish(done, "one", later(minutes=30))
        assert await tx.source_polls.claim("arxiv", "two", later(minutes=29), LEASE) is None
        assert await tx.source_polls.claim("arxiv", "two", later(minutes=30), later(hours=1)) == done
        assert await tx.source_polls.all() == [done, SourcePoll("openalex")]


async def test_a_lease_that_ran_out_is_anybodys_and_its_holder_decides_nothing_more(store: SqlStore) -> None:
    async with store.writing() as tx:
        await tx.source_polls.claim("arxiv", "one", NOW, LEASE)
        assert await tx.source_polls.claim("arxiv", "two", LEASE, later(hours=1)) == SourcePoll("arxiv")
        assert not await tx.source_polls.extend_lease("arxiv", "one", later(hours=2))
        await tx.source_polls.finish(SourcePoll("arxiv", TODAY, NOW, "late"), "one", later(days=9))
        assert await tx.source_polls.all() == [SourcePoll("arxiv")]
        await tx.source_polls.finish(SourcePoll("arxiv", TODAY, NOW), "two", NOW)
        assert await tx.source_polls.claim("arxiv", "one", NOW, LEASE) == SourcePoll("arxiv", TODAY, NOW)


async def test_papers_that_people_have_dealt_with_are_checked_in_turn(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        names = ("Discussed", "Voted", "Saved", "Posted", "Shown", "Listed", "Never seen")
        discussed, voted, saved, posted, shown, listed, _ = await papers(tx, *names)
        await tx.discussions.open(ann, discussed, MessageRef("general", "talk"), NOW)
        await tx.votes.cast(ann, voted, Vote.UP, VoteSource.COMMAND, NOW)
        await tx.saved.put(ann, saved, NOW)
        assert await plan(tx, ann, posted)
        await show(tx, ann, "card", shown)
        await show(tx, ann, "list", listed, kind=MessageKind.LISTED)
        seen = [shown, posted, saved, voted, discussed]

        week_ago = NOW - timedelta(days=7)
        assert await tx.source_polls.to_check("arxiv", week_ago, 9) == seen
        await tx.source_polls.mark_checked("arxiv", [shown, voted], NOW)
        await tx.source_polls.mark_checked("arxiv", [], NOW)
        assert await tx.source_polls.to_check("arxiv", week_ago, 9) == [posted, saved, discussed]
        assert await tx.source_polls.to_check("arxiv", week_ago, 2) == [posted, saved]
        assert await tx.source_polls.to_check("openalex", week_ago, 9) == seen
        await tx.source_polls.mark_checked("arxiv", [shown], later(days=1))
        assert await tx.source_polls.to_check("arxiv", later(days=8), 9) == [
            posted,
            saved,
            discussed,
            voted,
            shown,
        ]


async def test_open_papers_without_a_name_of_a_source_are_looked_up_in_turn(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann = await arrive(tx)
        one, other = await papers(tx, "One", "Other")
        led, _ = await put_paper(tx, draft("Led", source="file"), NOW)
        await put_paper(tx, draft("Named", arxiv("2406.00001")), NOW)
        await put_paper(tx, draft("Ours", source="people"), NOW, ann.team_id)
        await put_paper(tx, draft("Led", doi("10.1/led"), source="people"), NOW, ann.team_id)
        await put_paper(tx, draft("Sample", source="sample"), NOW)
        week_ago = NOW - timedelta(days=7)
        assert await tx.source_polls.to_look_up("titles", week_ago, 9) == [led, other, one]
        await tx.source_polls.mark_checked("titles", [led, one], NOW)
        assert await tx.source_polls.to_look_up("titles", week_ago, 9) == [other]
        assert await tx.source_polls.to_look_up("titles", later(days=1), 2) == [other, led]


async def test_how_a_sources_days_went(store: SqlStore) -> None:
    def run(source: str, day: int) -> SourceRun:
        return SourceRun(source, date(2026, 9, day), SourceState.COMPLETE, day, NOW)

    runs = [run("arxiv", 18), run("arxiv", 19), run("arxiv", 20), run("huggingface", 19)]
    async with store.writing() as tx:
        for each in reversed(runs):
            await tx.source_runs.record(each)
        assert await tx.source_runs.since(date(2026, 9, 19)) == runs[1:]
        assert await tx.source_runs.since(date(2026, 9, 19), "arxiv") == runs[1:3]
        assert await tx.source_runs.latest() == [run("arxiv", 20), run("huggingface", 19)]


async def test_names_that_papers_have(store: SqlStore) -> None:
    async with store.writing() as tx:
        one, _ = await put_paper(tx, draft("One", arxiv("1"), doi("1")), NOW)
        two, _ = await put_paper(tx, draft("Two", arxiv("2")), NOW)
        asked = [arxiv("1"), doi("1"), arxiv("2"), doi("2"), arxiv("3")]
        assert await tx.papers.find_by_identifiers(asked) == {arxiv("1"): one, doi("1"): one, arxiv("2"): two}
        assert await tx.papers.find_by_identifiers([]) == {}
