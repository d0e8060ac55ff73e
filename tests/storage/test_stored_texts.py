"""Texts that no database takes fail no transaction, whatever way they come."""

from datetime import timedelta

from adapters.console import CONSOLE
from adapters.slack import SLACK
from bot.domain.installation import Installation
from bot.domain.source import SourceRun, SourceState
from storage.sql.store import SqlStore
from tests.storage.making import NOW, arrive

ODD = "a\0b\ud800c"


async def test_what_a_platform_and_a_source_say_is_stored_without_it(store: SqlStore) -> None:
    installation = Installation(
        platform=SLACK,
        workspace="T1",
        enterprise=None,
        name=ODD,
        app="A",
        bot="B",
        bot_user="U",
        scopes=(),
        installed_by="U2",
        installed_at=NOW,
        token=b"x",
        revoked_at=None,
    )
    async with store.writing() as tx:
        await tx.installations.put(installation)
        await tx.source_runs.record(SourceRun("arxiv", NOW.date(), SourceState.PARTIAL, 1, NOW, ODD))
    async with store.reading() as tx:
        found = await tx.installations.find(SLACK, "T1")
        runs = await tx.source_runs.since(NOW.date() - timedelta(days=1), "arxiv")
    assert found is not None
    assert found.name == "abc"
    assert [run.detail for run in runs] == ["abc"]


async def test_what_is_asked_for_is_found_without_it(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx, ODD, ODD)
        assert (await arrive(tx, "abc", "abc")).person.id == context.person.id
        assert await tx.directory.workspace_of(CONSOLE, ODD) == "lab"
        assert await tx.papers.find_by_link(f"https://example.org/{ODD}") is None
