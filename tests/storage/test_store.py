"""Transactions, and what a database's address may be."""

import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.domain.errors import UserError
from bot.domain.vote import Vote, VoteSource
from storage.sql.engine import address
from storage.sql.store import SqlStore
from tests.servers.databases import PostgresServer
from tests.storage.making import NOW, arrive, arxiv, claim, draft, papers, plan, put_paper
from tests.waiting import DEADLINE


async def test_what_is_written_is_there_for_the_next(store: SqlStore) -> None:
    async with store.writing() as tx:
        [paper] = await papers(tx, "One")
    async with store.reading() as tx:
        assert list(await tx.papers.get([paper])) == [paper]


async def test_an_error_leaves_nothing_of_a_transaction(store: SqlStore) -> None:
    async def fail_half_way() -> None:
        async with store.writing() as tx:
            await papers(tx, "One")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()
    async with store.writing() as tx:
        assert await tx.papers.count() == 0
        await papers(tx, "Another")
        assert [number for number, _ in await tx.papers.changed_since(0, 9)] == [1]


async def test_a_cancelled_writer_leaves_nothing_and_holds_nobody_up(store: SqlStore) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with store.writing() as tx:
            await papers(tx, "One")
            inside.set()
            await asyncio.Event().wait()

    writer = asyncio.create_task(write())
    await inside.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with store.writing() as tx:
        assert await tx.papers.count() == 0


async def test_a_writer_cancelled_in_the_middle_of_a_statement_holds_nobody_up(store: SqlStore) -> None:
    async def write() -> None:
        async with store.writing() as tx:
            await papers(tx, "One")

    def cancel_soon(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO papers"):
            asyncio.get_running_loop().call_soon(writer.cancel)

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", cancel_soon)
    writer = asyncio.create_task(write())
    await asyncio.wait([writer])
    event.remove(engine, "before_cursor_execute", cancel_soon)
    assert writer.cancelled()
    async with asyncio.timeout(20), store.writing() as tx:
        assert await tx.papers.count() == 0


async def test_a_reader_cannot_write(store: SqlStore) -> None:
    async with store.reading() as tx:
        with pytest.raises(RuntimeError):
            await papers(tx, "One")
    async with store.reading() as tx:
        assert await tx.papers.count() == 0


async def test_readers_do_not_wait_for_a_writer_nor_see_its_half(store: SqlStore) -> None:
    async with store.writing() as writing, store.reading() as reading:
        await papers(writing, "One")
        assert await reading.papers.count() == 0
    async with store.reading() as reading:
        assert await reading.papers.count() == 1


async def test_writers_that_read_first_do_not_fail_each_other(store: SqlStore) -> None:
    async def add(title: str) -> None:
        async with store.writing() as tx:
            await tx.papers.count()
            await papers(tx, title)

    await asyncio.gather(*(add(str(number)) for number in range(20)))
    async with store.reading() as tx:
        changed = await tx.papers.changed_since(0, 50)
    assert [number for number, _ in changed] == list(range(1, 21))


async def test_the_same_paper_put_by_many_at_once_is_one(store: SqlStore) -> None:
    async def add(title: str) -> int:
        async with store.writing() as tx:
            return (await put_paper(tx, draft(title, arxiv("1")), NOW))[0]

    assert len(set(await asyncio.gather(*(add(f"Title {number}") for number in range(8))))) == 1


async def test_numbers_become_visible_in_their_order(store: SqlStore) -> None:
    """Whoever has read up to a number never misses one below it."""
    seen: list[int] = []
    done = asyncio.Event()

    async def follow() -> None:
        while not done.is_set():
            async with store.reading() as tx:
                seen.extend(number for number, _ in await tx.papers.changed_since(max(seen, default=0), 99))

    async def add(title: str) -> None:
        async with store.writing() as tx:
            await papers(tx, title, f"{title} again")

    following = asyncio.create_task(follow())
    await asyncio.gather(*(add(str(number)) for number in range(15)))
    done.set()
    await following
    async with store.reading() as tx:
        seen.extend(number for number, _ in await tx.papers.changed_since(max(seen, default=0), 99))
    assert seen == list(range(1, 31))


async def test_nothing_is_lost_over_a_restart(database: str) -> None:
    first = SqlStore(database)
    async with first.writing() as tx:
        context = await arrive(tx, person_name="Ann")
        one, two = await papers(tx, "One", "Two")
        await tx.votes.cast(context, one, Vote.UP, VoteSource.COMMAND, NOW)
        await plan(tx, context, one, two)
        claimed = await claim(tx)
    before = [row async for row in first.export()]
    await first.close()

    second = SqlStore(database)
    assert [row async for row in second.export()] == before
    async with second.writing() as tx:
        assert await arrive(tx) == context
        assert await claim(tx) == [], "the lease still holds"
        assert (await tx.digests.get(claimed[0].digest_id)).plan.channel == context.channel
    await second.close()


async def test_a_server_that_stands_still_is_not_waited_for_at_the_end(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sql.store.CLOSE_SECONDS", 0.05)
    async with postgres.empty_database() as url:
        store = SqlStore(url)
        async with store.reading() as tx:
            await tx._connection.run(text("SELECT 1"))
        with postgres.standing_still():
            async with asyncio.timeout(DEADLINE):
                await store.close()


async def test_another_process_writes_to_the_same_file(tmp_path: Path, migrated_file: Path) -> None:
    file = tmp_path / "shared.db"
    file.write_bytes(migrated_file.read_bytes())
    script = f"""
import asyncio
from storage.sql.store import SqlStore
from tests.storage.making import papers

async def main(name):
    store = SqlStore("sqlite:///{file}")
    for number in range(20):
        async with store.writing() as tx:
            await papers(tx, f"{{name}} {{number}}")
    await store.close()

import sys
asyncio.run(main(sys.argv[1]))
"""
    root = Path(__file__).parents[2]
    started = [asyncio.create_subprocess_exec(sys.executable, "-c", script, name, cwd=root) for name in "ab"]
    processes = [await each for each in started]
    assert [await process.wait() for process in processes] == [0, 0]
    store = SqlStore(f"sqlite:///{file}")
    async with store.reading() as tx:
        assert await tx.papers.count() == 40
    await store.close()


async def test_the_file_is_kept_as_promised(tmp_path: Path, migrated_file: Path) -> None:
    file = tmp_path / "paperclub.db"
    file.write_bytes(migrated_file.read_bytes())
    store = SqlStore(f"sqlite:///{file}")
    async with store.reading() as tx:
        pragmas = {
            name: (await tx._connection.run(text(f"PRAGMA {name}"))).scalar()
            for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        }
    await store.close()
    assert pragmas == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000}
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///paperclub.db", "sqlite+aiosqlite:///paperclub.db"),
        ("sqlite:////var/lib/p.db", "sqlite+aiosqlite:////var/lib/p.db"),
        ("sqlite+aiosqlite:///p.db", "sqlite+aiosqlite:///p.db"),
        ("postgresql://u:p%40x@h:5433/db", "postgresql+asyncpg://u:p%40x@h:5433/db"),
        ("postgres://h/db", "postgresql+asyncpg://h/db"),
        ("postgresql+asyncpg://h/db", "postgresql+asyncpg://h/db"),
        ("postgresql://h/db?sslmode=require", "postgresql+asyncpg://h/db?ssl=require"),
        ("postgresql://u@/db?host=/run/postgresql", "postgresql+asyncpg://u@/db?host=/run/postgresql"),
    ],
)
def test_addresses(given: str, used: str) -> None:
    assert address(given) == address(used)
    assert address(given).render_as_string(hide_password=False).replace("%2F", "/") == used


@pytest.mark.parametrize(
    "given",
    [
        "",
        "paperclub.db",
        "mysql://h/db",
        "postgresql+psycopg2://h/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///",
    ],
)
def test_addresses_that_are_none_are_told(given: str) -> None:
    with pytest.raises(UserError, match="sqlite:///"):
        address(given)
