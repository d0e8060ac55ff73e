import json
from dataclasses import replace
from datetime import date

from bot.domain.history import ResultList
from bot.domain.source import SourceRun, SourceState
from bot.domain.vote import Vote, VoteSource
from storage.sql.store import SqlStore
from tests.storage.making import NOW, arrive, claim, later, origin, papers, plan, show


async def test_a_view_is_kept_until_it_expires(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        own = ResultList(
            "one",
            "search",
            'experts since:2026-01-01 "x"',
            (3, 1, 2),
            context.person.id,
            context.channel.id,
            later(days=1),
            {3: 0, 1: 4},
        )
        bare = ResultList("two", "help", "")
        await tx.result_lists.put(own)
        await tx.result_lists.put(bare)
        assert await tx.result_lists.get("one", NOW) == own
        assert await tx.result_lists.get("two", later(days=999)) == bare
        assert await tx.result_lists.get("three", NOW) is None
        assert await tx.result_lists.get("one", later(days=1)) is None
        assert await tx.result_lists.sweep(NOW) == 0
        assert await tx.result_lists.sweep(later(days=1)) == 1
        assert await tx.result_lists.get("one", NOW) is None


async def test_an_event_is_taken_once(store: SqlStore) -> None:
    async with store.writing() as tx:
        assert await tx.inbox.add(origin(), "event", NOW)
        assert not await tx.inbox.add(origin(), "event", later(hours=1))
        assert await tx.inbox.add(origin(workspace="elsewhere"), "event", NOW)
        assert await tx.inbox.add(origin(), "another", later(hours=2))
        assert await tx.inbox.sweep(later(hours=1)) == 2
        assert not await tx.inbox.add(origin(), "another", NOW)
        assert await tx.inbox.add(origin(), "event", NOW)


async def test_the_latest_run_of_a_sources_day_is_kept(store: SqlStore) -> None:
    monday, tuesday = date(2026, 9, 21), date(2026, 9, 22)
    failed = SourceRun("arxiv", monday, SourceState.FAILED, 0, NOW, "Rate exceeded.")
    complete = SourceRun("arxiv", monday, SourceState.COMPLETE, 40, later(hours=1))
    other = SourceRun("huggingface", monday, SourceState.EMPTY, 0, NOW)
    following = replace(complete, day=tuesday, at=later(days=1))
    async with store.writing() as tx:
        for run in (failed, other, following, complete):
            await tx.source_runs.record(run)
            if run is failed:
                assert await tx.source_runs.latest() == [failed]
        assert await tx.source_runs.latest() == [following, other]
        await tx.source_runs.record(replace(following, state=SourceState.PARTIAL))
        assert [each.state for each in await tx.source_runs.latest()] == [
            SourceState.PARTIAL,
            SourceState.EMPTY,
        ]


async def test_vectors_are_kept_by_model_and_text(store: SqlStore) -> None:
    async with store.writing() as tx:
        await tx.embeddings.put("m", {"a": b"\x00\xff", "b": b""})
        await tx.embeddings.put("m", {"a": b"other"})
        await tx.embeddings.put("m", {})
        assert await tx.embeddings.get("m", ["a", "b", "c"]) == {"a": b"\x00\xff", "b": b""}
        assert await tx.embeddings.get("another", ["a"]) == {}


async def test_everything_but_vectors_and_leases_is_exported(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, person_name="Ann")
        [paper] = await papers(tx, "One «ü»")
        await tx.votes.cast(context, paper, Vote.DOWN, VoteSource.COMMAND, NOW)
        await show(tx, context, "m", paper)
        await tx.embeddings.put("m", {"a": b"1"})
        await plan(tx, context, paper)
        await claim(tx)
    rows = [(kind, json.loads(json.dumps(row))) async for kind, row in store.export()]
    kinds = [kind for kind, _ in rows]
    assert kinds.index("teams") < kinds.index("channels") < kinds.index("digests") < kinds.index("posts")
    assert "vectors" not in kinds
    assert not any("lease" in column for _, row in rows for column in row)
    by_kind = dict(rows)
    assert by_kind["papers"]["title"] == "One «ü»"
    assert by_kind["papers"]["added"] == "2026-09-21T08:00:00+00:00"
    assert (by_kind["vote_observations"]["value"], by_kind["vote_observations"]["source"]) == (-1, "command")
    assert by_kind["people"]["name"] == "Ann"
    assert by_kind["digests"]["at"] == "09:00:00"
