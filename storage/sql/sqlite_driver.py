"""A connection to SQLite for SQLAlchemy that goes to its thread once a statement.

aiosqlite goes there four times: to make a cursor, to execute, to fetch and to close. Each way costs more than
a small statement itself.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Self

import aiosqlite

AT_ONCE = 1000
"""Rows that are fetched along with the execution. The others of a larger result are fetched on request."""


class _Cursor:
    """What SQLAlchemy uses of a cursor."""

    def __init__(self, connection: "SqliteConnection") -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: list[Any] = []
        self._complete = True
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        """The result's columns, None where the statement has no result."""
        return None if self._cursor is None else self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed, -1 where that means nothing."""
        return -1 if self._cursor is None else self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The id of the row that was inserted last."""
        return None if self._cursor is None else self._cursor.lastrowid

    async def execute(self, sql: str, parameters: Any = ()) -> None:
        """Execute a statement, and fetch the first rows of its result."""
        await self._connection.in_thread(partial(self._execute, sqlite3.Cursor.execute, sql, parameters))

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> None:
        """Execute a statement once for each of the parameters."""
        await self._connection.in_thread(partial(self._execute, sqlite3.Cursor.executemany, sql, parameters))

    def _execute(self, method: Callable[..., object], *arguments: object) -> None:
        self._cursor = self._connection.raw.cursor()
        method(self._cursor, *arguments)
        self._rows = self._cursor.fetchmany(AT_ONCE) if self._cursor.description else []
        self._complete = len(self._rows) < AT_ONCE
        if self._complete:
            # At once, so that no statement is left open if the task that waits for it was cancelled.
            self._cursor.close()

    async def fetchall(self) -> list[Any]:
        """Return all rows that were not fetched yet."""
        rows, self._rows = self._rows, []
        if not self._complete:
            assert self._cursor is not None
            rows += await self._connection.in_thread(self._cursor.fetchall)
            self._complete = True
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows; none at the end."""
        size = size or self.arraysize
        if len(self._rows) < size and not self._complete:
            assert self._cursor is not None
            more = await self._connection.in_thread(partial(self._cursor.fetchmany, size))
            self._rows += more
            self._complete = len(more) < size
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchone(self) -> Any:
        """Return the next row, None at the end."""
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        """Close the statement where rows were left."""
        self._rows = []
        if not self._complete:
            assert self._cursor is not None
            self._complete = True
            await self._connection.in_thread(self._cursor.close)


class SqliteConnection(aiosqlite.Connection):
    """aiosqlite's connection, with cursors of our own."""

    _stopping = False
    _stopped: asyncio.Future[Any] | None = None

    @property
    def raw(self) -> sqlite3.Connection:
        """Python's own connection. It is used in the connection's thread alone."""
        return self._conn

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """Return what a function returns that runs in the connection's thread."""
        return await self._execute(work)  # type: ignore[no-untyped-call]  # aiosqlite's carries no types

    def cursor(self) -> _Cursor:  # type: ignore[override]  # SQLAlchemy alone uses it
        """Make a cursor."""
        return _Cursor(self)

    def stop(self) -> asyncio.Future[Any] | None:
        """Ask the thread to end, and return what is done when it has. It would never answer a second request.

        SQLAlchemy asks again if a task is cancelled while it closes a connection, and so does the closing.
        """
        if not self._stopping:
            self._stopping = True
            self._stopped = super().stop()
        return self._stopped

    async def rollback(self) -> None:
        """Roll back if there is a transaction. SQLAlchemy also does so after each commit."""
        if self.in_transaction:
            await super().rollback()


def connect(file: str, **options: Any) -> Awaitable[aiosqlite.Connection]:
    """Open a file, as `aiosqlite.connect` does."""
    connection = SqliteConnection(partial(sqlite3.connect, file, **options), AT_ONCE)
    # Python would wait at its end for the thread of a connection that nobody closed.
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does
    return connection
