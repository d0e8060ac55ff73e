import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Table, insert, select, text

from bot.domain.errors import UserError
from bot.domain.paper import PaperDraft
from bot.domain.vote import Vote, VoteSource
from storage.sql import moving
from storage.sql.connection import Connection
from storage.sql.database_in_use import is_in_use
from storage.sql.engine import for_writing, make_engine
from storage.sql.moving import move
from storage.sql.row_ids import NUMBERED, last_id
from storage.sql.store import SqlStore
from storage.sql.tables import Base
from tests.servers.databases import PostgresServer
from tests.storage.making import NOW, arrive, doi, papers, plan, put_paper, show
from tests.waiting import eventually

MIDWAY = "digests"
"""The table at which a move is held up, with others before and after it."""
HELD_UP = f"""
import asyncio, sys
from storage.sql.connection import Connection
from storage.sql.moving import move

def told(table, rows):
    if table == {MIDWAY!r} and rows:
        print("midway", flush=True)
        sys.stdin.read()

asyncio.run(move(sys.argv[1], sys.argv[2], told))
"""
_MOMENT = NOW + timedelta(microseconds=123_456)
OTHERS: dict[str, dict[str, Any]] = {
    "answered_links": {"channel_id": 1, "paper_id": 1, "team_id": 1, "answered_at": _MOMENT},
    "source_checks": {"source": "arxiv", "paper_id": 1, "at": _MOMENT},
    "discussions": {
        "team_id": 1,
        "channel_id": 1,
        "paper_id": 1,
        "place": "C1",
        "message": "7",
        "opened_by": 1,
        "opened_at": _MOMENT,
    },
    "discussion_messages": {
        "discussion_id": 1,
        "message": "8",
        "team_id": 1,
        "person_id": 1,
        "posted_at": _MOMENT,
    },
    "source_polls": {"name": "arxiv", "complete_through": NOW.date(), "due_at": _MOMENT, "error": ""},
    "inbox": {"platform": "slack", "workspace": "T", "event_id": "Ev1", "taken_at": _MOMENT},
    "citations": {
        "citing": "arxiv:2401.00001",
        "cited": "doi:10.1/ß",
        "source": "semanticscholar",
        "seen_at": _MOMENT,
    },
    "installations": {
        "platform": "slack",
        "workspace": "T",
        "name": "Lab",
        "app": "A",
        "bot": "B",
        "bot_user": "U",
        "scopes": ["chat:write", "“ß”"],
        "installed_by": "U2",
        "installed_at": _MOMENT,
        "token": b"\0\xff",
    },
    "separated_papers": {"paper_id": 1, "other_id": 2},
    "rejected_identifiers": {"paper_id": 1, "scheme": "doi", "value": "10.1/ß"},
    "merged_papers": {"old_id": 9, "paper_id": 1, "sequence": 99},
    "news": {"paper_id": 1, "change": "withdrawn", "version": 2, "at": _MOMENT, "notified": False},
    "restores": {"at": _MOMENT, "posted_through": NOW.date()},
    "slots": {
        "team_id": 1,
        "channel_id": 1,
        "at": time(9, 30),
        "timezone": "Europe/Paris",
        "due_at": _MOMENT,
        "not_before": _MOMENT,
        "set_at": _MOMENT,
    },
    "source_runs": {
        "source": "arxiv",
        "day": NOW.date(),
        "state": "partial",
        "papers": 3,
        "at": _MOMENT,
        "detail": "2 bad",
    },
    "result_lists": {
        "id": "v",
        "command": "search",
        "text": "",
        "paper_ids": [3, 1],
        "sentences": {"1": 2},
    },
    "accounts": {"created": _MOMENT},
    "identities": {
        "account_id": 1,
        "platform": "slack",
        "workspace": "T",
        "external_id": "U1",
        "name": "Änn",
        "linked_at": _MOMENT,
    },
    "link_codes": {
        "code_hash": "c",
        "platform": "discord",
        "workspace": "",
        "external_id": "7",
        "name": "Änn",
        "expires": _MOMENT,
    },
    "sessions": {"session_hash": "s", "account_id": 1, "created": _MOMENT, "expires": _MOMENT},
    "api_tokens": {
        "team_id": 1,
        "person_id": 1,
        "name": "laptop",
        "token_hash": "t",
        "scopes": "read",
        "created": _MOMENT,
        "expires": _MOMENT,
    },
    "feed_addresses": {
        "team_id": 1,
        "person_id": 1,
        "channel_id": 1,
        "address_hash": "f",
        "created": _MOMENT,
        "last_used": NOW.date(),
    },
}
"""A row of each table that the store's own calls below leave empty."""


def silent(_table: str, _rows: int) -> None:
    """Tell nobody."""


async def fill(url: str) -> None:
    """Put rows into every table, with texts and times that databases like to change."""
    store = SqlStore(url)
    async with store.writing() as tx:
        context = await arrive(tx, "ann")
        ids = await papers(tx, "One", "Two, „Größe“ \U0001d6fc", "zwei", "Zwei", "Ä")
        details = PaperDraft(
            "With details",
            "\u03b1",
            "arxiv",
            authors=("Ö",),
            links=("https://example.org/x",),
            categories=("cs.CL", "cs.AI"),
            identifiers=frozenset({doi("10.1000/x")}),
        )
        ids.append((await put_paper(tx, details, _MOMENT))[0])
        await tx.embeddings.put("model", {"hash": bytes(range(256))})
        await plan(tx, context, *ids[:3])
        await show(tx, context, "6", *ids[:2])
        for person in (context, await arrive(tx, "ben")):
            await tx.votes.cast(person, ids[0], Vote.UP, VoteSource.COMMAND, NOW)
        await tx.saved.put(context, ids[1], NOW)
        await tx.submissions.put(context, ids[0], NOW)
    await store.close()
    await run(url, *(insert(Base.metadata.tables[name]).values(row) for name, row in OTHERS.items()))
    await run(url, insert(Base.metadata.tables["teams"]).values(name="x", created=NOW))
    await run(url, text("DELETE FROM teams WHERE name = 'x'"))


async def run(url: str, *statements: Executable) -> None:
    engine = make_engine(url)
    async with for_writing(engine).begin() as connection:
        for statement in statements:
            await connection.execute(statement)
    await engine.dispose()


async def everything(url: str) -> dict[str, Any]:
    """Every row of every table, and the numbers that were given out."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        rows = {
            table.name: sorted(map(repr, await connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }
        numbers = {
            table.name: await last_id(Connection(connection, writable=False), table) for table in NUMBERED
        }
    await engine.dispose()
    return {"rows": rows, "numbers": numbers}


@pytest.fixture
async def other_database(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database of the other kind, without tables."""
    if not database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/other.db"
    else:
        async with request.getfixturevalue("postgres").empty_database() as url:
            yield url


async def test_every_row_arrives_as_it_was(database: str, other_database: str, tmp_path: Path) -> None:
    await fill(database)
    before = await everything(database)
    assert all(before["rows"].values()), "every table has rows"
    told: dict[str, int] = {}

    moved = await move(database, other_database, told.__setitem__)

    counts = {name: len(rows) for name, rows in before["rows"].items()}
    assert {each.table: each.rows for each in moved} == counts == told
    assert await everything(other_database) == before
    assert await everything(database) == before, "the source is as it was"
    assert before["numbers"]["teams"] == 2, "though only the first is left"

    back = f"sqlite:///{tmp_path}/back.db"
    await move(other_database, back, silent)
    assert await everything(back) == before


async def test_json_that_says_null_is_not_taken_for_none(database: str, other_database: str) -> None:
    store = SqlStore(database)
    async with store.writing() as tx:
        await papers(tx, "One", "Two")
    await store.close()
    await run(database, text("UPDATE papers SET details = 'null' WHERE id = 1"))
    await run(database, text("UPDATE papers SET details = NULL WHERE id = 2"))
    await move(database, other_database, silent)
    engine = make_engine(other_database)
    async with engine.connect() as connection:
        missing = (
            (await connection.execute(text("SELECT id FROM papers WHERE details IS NULL"))).scalars().all()
        )
    await engine.dispose()
    assert missing == [2]


async def test_whoever_was_killed_midway_has_moved_nothing_and_begins_again(
    database: str, other_database: str
) -> None:
    await fill(database)
    held_up = subprocess.Popen(  # noqa: ASYNC220 - it is begun at once
        [sys.executable, "-c", HELD_UP, database, other_database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with held_up:
        assert held_up.stdout is not None
        assert await asyncio.to_thread(held_up.stdout.readline) == "midway\n"
        with pytest.raises(UserError, match="running on the database to move"):
            await move(database, other_database, silent)
        held_up.kill()
    await until_unused(other_database)
    rows = (await everything(other_database))["rows"]
    assert not any(rows[name] for name in ("papers", "digests", "posts"))

    await until_unused(database)
    await move(database, other_database, silent)
    assert await everything(other_database) == await everything(database)


async def until_unused(url: str) -> None:
    """Wait until a server has noticed that a process is gone."""

    async def is_unused() -> bool:
        return not await is_in_use(url)

    await eventually(is_unused)


async def test_nothing_is_moved_onto_what_is_there(database: str, other_database: str) -> None:
    await fill(database)
    await move(database, other_database, silent)
    before = await everything(other_database)
    with pytest.raises(UserError, match="not empty"):
        await move(database, other_database, silent)
    assert await everything(other_database) == before


async def test_nothing_is_moved_onto_itself(database: str) -> None:
    with pytest.raises(UserError, match="same database"):
        await move(database, database, silent)


async def test_a_database_of_another_version_is_not_moved(empty_database: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no file|up to date"):
        await move(empty_database, f"sqlite:///{tmp_path}/target.db", silent)


async def test_a_running_bot_has_to_be_stopped(database: str, other_database: str) -> None:
    running = SqlStore(database)
    async with running.reading() as tx:
        await tx.papers.count()
    with pytest.raises(UserError, match="Stop every process"):
        await move(database, other_database, silent)
    await running.close()
    await until_unused(database)
    await move(database, other_database, silent)


async def test_a_row_that_arrives_changed_is_noticed_and_nothing_kept(
    database: str, other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database)
    copy = moving._copy

    async def careless(table: Table, source: Any, target: Any, progress: Any) -> None:
        await copy(table, source, target, progress)
        if table.name == "papers":
            await target.execute(text("UPDATE papers SET abstract = 'About it!' WHERE id = 2"))

    monkeypatch.setattr(moving, "_copy", careless)
    with pytest.raises(UserError, match=r"papers: row 2 did not arrive as it was"):
        await move(database, other_database, silent)
    assert not (await everything(other_database))["rows"]["papers"]


async def test_what_no_database_takes_is_left_behind(
    postgres: PostgresServer, migrated_file: Path, tmp_path: Path
) -> None:
    source = f"sqlite:///{shutil.copy(migrated_file, tmp_path)}"
    store = SqlStore(source)
    async with store.writing() as tx:
        await papers(tx, "One")
    await store.close()
    await run(source, text("UPDATE papers SET abstract = 'a' || char(0) || 'b'"))
    async with postgres.empty_database() as target:
        await move(source, target, silent)
        arrived = SqlStore(target)
        async with arrived.reading() as tx:
            assert (await tx.papers.get([1]))[1].abstract == "ab"
        await arrived.close()
