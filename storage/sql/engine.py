"""From a database's address to an engine that keeps the project's promises about transactions."""

import asyncio
import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from asyncpg import PostgresError
from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from bot.domain.errors import UserError

BUSY_SECONDS = 30
"""How long a writer waits for another process that writes to the same SQLite file."""

PROGRAM = "paperclub"
"""What PostgreSQL calls our connections."""

UNREACHABLE = (SQLAlchemyError, PostgresError, OSError, TypeError, ValueError, OverflowError)
"""What is raised where a database does not answer; what connecting fails of is not wrapped by SQLAlchemy.

An option in the address that asyncpg does not know, or a port that is none, is a TypeError and its like.
"""

_HOW_TO_WRITE = (
    "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, and in the user and the password write "
    "@ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25."
)
_BESIDE = ("", "-wal", "-shm", "-journal")
_POSTGRESQL = {"postgres", "postgresql", "postgresql+asyncpg"}
_SQLITE = {"sqlite", "sqlite+aiosqlite"}


def address(database_url: str) -> URL:
    """Read a database's address, and name the driver that is used.

    Raises:
        UserError: it is not the address of a database that Paperclub can use.

    """
    try:
        url = make_url(database_url)
    # The reason is left out: it quotes a part of the address, which may be one of the password.
    except (ArgumentError, ValueError):
        raise UserError(f"That is not a database's address. {_HOW_TO_WRITE}") from None
    if url.drivername in _POSTGRESQL:
        # Behind an @ in the password, its rest would be taken for a host or an option, which errors quote.
        if database_url.count("@") > 1 or not 0 <= (url.port or 0) <= 65535:
            raise UserError(f"That database's address cannot be read. {_HOW_TO_WRITE}")
        return _asyncpg(url)
    if url.drivername not in _SQLITE:
        raise UserError(f"Paperclub keeps its data in SQLite or PostgreSQL alone. {_HOW_TO_WRITE}")
    if url.database in {None, "", ":memory:"}:
        raise UserError("Name the SQLite file, as in sqlite:////home/you/paperclub.db.")
    return url.set(drivername="sqlite+aiosqlite")


def _asyncpg(url: URL) -> URL:
    """Name the driver, and put libpq's word for encryption, which providers hand out, into asyncpg's."""
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername="postgresql+asyncpg", query=query)


def make_engine(database_url: str) -> AsyncEngine:
    """Make an engine. On SQLite, use `for_writing` of it for transactions that write."""
    url = address(database_url)
    if url.drivername == "postgresql+asyncpg":
        named = {"server_settings": {"application_name": PROGRAM}}
        try:
            return create_async_engine(url, pool_pre_ping=True, connect_args=named)
        except (ArgumentError, TypeError, ValueError):
            raise UserError(f"That database's address cannot be read. {_HOW_TO_WRITE}") from None
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    event.listen(engine.sync_engine, "invalidate", _roll_back)
    return engine


def keep_private(file: Path) -> None:
    """Make a SQLite file, if it is not there, that only this user can read; close one that others can.

    SQLite gives what it keeps beside a file the file's own mode. A file that is there is not opened: to close
    it would end the locks that SQLite holds on it in this process.

    Raises:
        OSError: it cannot be made.

    """
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    for end in _BESIDE:
        # Another user's file, or one on a disk that is only read, is theirs to close.
        with suppress(OSError):
            each = Path(f"{file}{end}")
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


def _not_cancelled(record: logging.LogRecord) -> bool:
    """Leave out what the pool logs of a connection in use when its task was cancelled: that is meant."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


_POOL = AsyncAdaptedQueuePool
logging.getLogger(f"{_POOL.__module__}.{_POOL.__name__}").addFilter(_not_cancelled)


def failure(error: BaseException) -> str | None:
    """Say in a sentence why a database failed; None where it is the program that is wrong, or no database."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE_FAILURES.get(code & 0xFF) or (_DAMAGED if "no such" in str(cause) else None)
    if getattr(cause, "sqlstate", None) in _MISSING:
        return "The database lacks tables of Paperclub's: name the right one with PAPERCLUB_DATABASE_URL."
    # Connections to others are told of as what they were for; only the database's come here as they are.
    lost = isinstance(error, ConnectionError) and not isinstance(error, BrokenPipeError)
    gone = lost or isinstance(error, OperationalError | InterfaceError | PostgresError)
    if not gone:
        return None
    name = type(cause).__name__
    return f"The database does not answer ({name}). Check that its server runs, and PAPERCLUB_DATABASE_URL."


_MISSING = {"42P01", "42703", "3F000"}
"""PostgreSQL's codes for a table, a column and a schema that are not there."""
_UNWRITABLE = "The database's file cannot be opened or written to: let this user write to it and its folder."
_DAMAGED = (
    "The database's file is damaged, or is not Paperclub's. Name the right one with PAPERCLUB_DATABASE_URL, "
    "or put a backup in its place with `paperclub restore FILE`."
)
_SQLITE_FAILURES = {
    sqlite3.SQLITE_FULL: "The disk is full: the database cannot be written to.",
    sqlite3.SQLITE_IOERR: "The database's file cannot be read or written: its disk fails, or is full.",
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: "Another program keeps the database's file locked. Try again when it is done.",
}


def for_writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine, its transactions ready to write from their start.

    A SQLite transaction that reads first and writes then fails at once when another has written meanwhile;
    one that takes the lock at its start waits its turn.
    """
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Leave BEGIN to `_begin_sqlite`: the driver's own comes too late and not before every statement."""
    driver: Any = connection
    driver.isolation_level = None
    cursor = connection.cursor()
    _switching.copy()(cursor.execute, "PRAGMA journal_mode = WAL")
    # What is committed outlives a power cut, so that no post whose sending was noted is sent again.
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _roll_back(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, error: BaseException | None
) -> None:
    """End the transaction of a task that is cancelled, before its connection is closed.

    To close it would not: SQLite keeps a connection, and its lock on the file, until the last statement on it
    is done with, and the one that was interrupted hangs on to the error on its way up.
    """
    if isinstance(error, asyncio.CancelledError):
        connection.rollback()


def _busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


_switching = Retrying(
    retry=retry_if_exception(_busy),
    wait=wait_random(0.001, 0.02),
    stop=stop_after_delay(BUSY_SECONDS),
    reraise=True,
)
"""To switch a new file to WAL, SQLite does not wait for another that does so, but fails at once."""


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
