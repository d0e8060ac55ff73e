"""Figures of the whole database, on both databases."""

from datetime import timedelta

import pytest

from adapters.console import CONSOLE
from adapters.slack import SLACK
from bot.domain.channel import Origin
from bot.domain.message import MessageRef
from bot.domain.post import PostState
from bot.domain.source import SourcePoll, SourceRun, SourceState
from storage.sql.repositories import figures
from storage.sql.store import SqlStore
from tests.storage.making import NOW, TODAY, arrive, claim, later, papers, plan

NONE = dict.fromkeys(PostState, 0)


async def read(store: SqlStore) -> figures.Figures:
    found = await store.figures()
    assert found is not None
    return found


async def test_an_empty_database_has_nothing_to_do(store: SqlStore) -> None:
    assert await read(store) == figures.Figures(NONE, {}, {})


async def planned(store: SqlStore) -> None:
    """Plan a digest of three papers: an overview and a post for each."""
    async with store.writing() as tx:
        assert await plan(tx, await arrive(tx), *await papers(tx, "One", "Two", "Three"))


async def test_posts_are_counted_by_state(store: SqlStore) -> None:
    await planned(store)
    assert (await read(store)).posts == NONE | {PostState.PLANNED: 4}
    async with store.writing() as tx:
        (overview,) = await claim(tx)
        await tx.outbox.mark_sent(overview, MessageRef("general", "1"), NOW, found=False)
        (paper,) = await claim(tx)
        await tx.outbox.mark_unknown(paper, "It did not answer.", later(minutes=1))
    assert (await read(store)).posts == NONE | {
        PostState.SENT: 1,
        PostState.UNKNOWN: 1,
        PostState.PLANNED: 2,
    }


async def test_of_posts_that_ended_only_the_latest_count(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await planned(store)
    async with store.writing() as tx:
        (overview,) = await claim(tx)
        await tx.outbox.mark_sent(overview, MessageRef("general", "1"), NOW, found=False)
    monkeypatch.setattr(figures, "LATEST_POSTS", 3)
    assert (await read(store)).posts == NONE | {PostState.PLANNED: 3}
    monkeypatch.setattr(figures, "LATEST_POSTS", 4)
    assert (await read(store)).posts == NONE | {PostState.PLANNED: 3, PostState.SENT: 1}


async def test_the_oldest_due_post_of_each_platform(store: SqlStore) -> None:
    await planned(store)
    assert (await read(store)).due == {CONSOLE: NOW}
    async with store.writing() as tx:
        there = await tx.directory.resolve(Origin(SLACK, "T1", "C1", "U1"), NOW)
        assert await plan(tx, there, *await papers(tx, "Four"), now=later(hours=1))
    assert (await read(store)).due == {CONSOLE: NOW, SLACK: later(hours=1)}
    async with store.writing() as tx:
        await claim(tx, lease=60)
    assert (await read(store)).due[CONSOLE] == later(seconds=60), "it is on its way, so it is not due"


async def test_a_source_is_as_fresh_as_its_last_full_answer(store: SqlStore) -> None:
    async with store.writing() as tx:
        for hours, state in ((0, "complete"), (1, "empty"), (2, "partial"), (3, "failed")):
            day = TODAY + timedelta(days=hours)
            run = SourceRun("arxiv", day, SourceState(state), 5, later(hours=hours))
            await tx.source_runs.record(run)
        await tx.source_runs.record(SourceRun("broken", TODAY, SourceState.FAILED, 0, NOW))
        for name, error in (("arxiv", "it failed"), ("broken", "it failed"), ("trending", "")):
            await tx.source_polls.claim(name, "one", NOW, later(minutes=1))
            poll = SourcePoll(name, polled_at=later(hours=4), error=error)
            await tx.source_polls.finish(poll, "one", later(hours=5))
    assert (await read(store)).complete == {
        "arxiv": later(hours=1),
        "broken": None,
        "trending": later(hours=4),
    }


async def test_a_database_that_is_not_there_gives_none(caplog: pytest.LogCaptureFixture) -> None:
    store = SqlStore("postgresql://nobody:secret@127.0.0.1:9/nothing")
    assert await store.figures() is None
    await store.close()
    assert "gives no figures" in caplog.text
    assert "secret" not in caplog.text
