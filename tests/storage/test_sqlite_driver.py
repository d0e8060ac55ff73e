"""Our cursors of SQLite give what Python's own give, in fewer trips to the connection's thread."""

import asyncio
import contextlib
import sqlite3

import pytest
from sqlalchemy import text

from storage.sql import sqlite_driver
from storage.sql.engine import for_writing, make_engine
from storage.sql.sqlite_driver import AT_ONCE, connect

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n"


@pytest.fixture
async def connection(tmp_path):
    connection = await connect(str(tmp_path / "file.db"), isolation_level=None)
    yield connection
    await connection.close()


@pytest.mark.parametrize("count", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
@pytest.mark.parametrize("size", [1, 7, AT_ONCE, 2 * AT_ONCE])
async def test_each_row_comes_once_whatever_is_fetched_at_once(connection, count, size):
    cursor = connection.cursor()
    await cursor.execute(NUMBERS, (count,))
    rows = [await cursor.fetchone()]
    rows += await cursor.fetchmany(size)
    rows += await cursor.fetchmany(size)
    rows += await cursor.fetchall()
    assert rows == [(number,) for number in range(1, count + 1)]
    assert await cursor.fetchone() is None
    assert await cursor.fetchmany(size) == []
    await cursor.close()


async def test_a_cursor_that_is_closed_early_leaves_no_statement_open(connection):
    cursor = connection.cursor()
    await connection.cursor().execute("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    await connection.cursor().executemany("INSERT INTO things VALUES (?)", [(i,) for i in range(2 * AT_ONCE)])
    await cursor.execute("SELECT id FROM things")
    assert await cursor.fetchone() == (0,)
    await cursor.close()
    await connection.cursor().execute("DROP TABLE things")


async def test_changes_are_counted_and_errors_raised(connection):
    cursor = connection.cursor()
    await cursor.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    assert cursor.description is None
    await cursor.execute("INSERT INTO things (name) VALUES (?), (?)", ("a", "b"))
    assert (cursor.rowcount, cursor.lastrowid) == (2, 2)
    await cursor.executemany("UPDATE things SET name = ? WHERE id = ?", [("c", 1), ("d", 2), ("e", 3)])
    assert cursor.rowcount == 2
    await cursor.execute("INSERT INTO things (name) VALUES (?) RETURNING id", ("f",))
    assert [column[0] for column in cursor.description] == ["id"]
    assert await cursor.fetchall() == [(3,)]
    with pytest.raises(sqlite3.IntegrityError):
        await cursor.execute("INSERT INTO things (name) VALUES (?)", ("f",))


async def test_a_transaction_with_one_statement_goes_to_the_thread_three_times(tmp_path, monkeypatch):
    trips = []
    engine = make_engine(f"sqlite:///{tmp_path / 'file.db'}")
    async with engine.connect() as warm:
        await warm.execute(text("SELECT 1"))
    original = sqlite_driver.SqliteConnection._execute

    async def counted(self, function, *arguments, **named):
        trips.append(function)
        return await original(self, function, *arguments, **named)

    monkeypatch.setattr(sqlite_driver.SqliteConnection, "_execute", counted)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    assert len(trips) == 3, "begin, select, roll back"
    trips.clear()
    async with for_writing(engine).begin() as connection:
        await connection.execute(text("CREATE TABLE things (id INTEGER)"))
    assert len(trips) == 3, "begin, create, commit"
    monkeypatch.undo()
    await engine.dispose()


async def test_a_cancelled_statement_leaves_no_lock(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'file.db'}")
    async with for_writing(engine).begin() as connection:
        await connection.execute(text("CREATE TABLE things (id INTEGER)"))

    async def write_slowly() -> None:
        async with for_writing(engine).begin() as connection:
            await connection.execute(text("INSERT INTO things VALUES (1)"))
            count = text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
                "SELECT count(*) FROM n"
            )
            started.set()
            await connection.execute(count)

    started = asyncio.Event()
    writing = asyncio.create_task(write_slowly())
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with for_writing(engine).begin() as connection:
        await connection.execute(text("INSERT INTO things VALUES (2)"))
        assert (await connection.execute(text("SELECT id FROM things"))).scalars().all() == [2]
    await engine.dispose()


async def test_it_closes_though_its_thread_was_asked_to_end_before(tmp_path):
    connection = await connect(str(tmp_path / "a.db"))
    assert isinstance(connection, sqlite_driver.SqliteConnection)
    connection.stop()
    async with asyncio.timeout(20):
        with contextlib.suppress(ValueError):
            await connection.close()
