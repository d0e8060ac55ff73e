"""Makes an engine from a database's address, with the transaction rules that the project relies on."""

import asyncio
import logging
import os
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from bot.domain.errors import UserError
from storage.sql.sqlite_driver import connect

BUSY_SECONDS = 30
"""How long a writer waits for other processes that write to the same SQLite file."""

PROGRAM = "paperclub"
"""The application name of our connections in PostgreSQL."""


def _driver_errors() -> tuple[type[Exception], ...]:
    """Return what asyncpg raises by itself while it connects. Without PostgreSQL it is never imported."""
    driver = sys.modules.get("asyncpg")
    return () if driver is None else (driver.PostgresError,)


def database_errors() -> tuple[type[Exception], ...]:
    """Return what is raised if a database fails. SQLAlchemy does not wrap errors while connecting."""
    return (SQLAlchemyError, OSError, *_driver_errors())


def unreachable() -> tuple[type[Exception], ...]:
    """Return what is raised if a database cannot be reached, or its address cannot be used.

    asyncpg raises TypeError, ValueError or OverflowError for unknown options and bad ports in the address.
    """
    return (*database_errors(), TypeError, ValueError, OverflowError)


_ADDRESS_HELP = (
    "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, and in the user and the password write "
    "@ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25."
)
_COMPANIONS = ("", "-wal", "-shm", "-journal")
_POSTGRESQL = {"postgres", "postgresql", "postgresql+asyncpg"}
_SQLITE = {"sqlite", "sqlite+aiosqlite"}


def address(database_url: str) -> URL:
    """Parse a database's address and set the driver.

    Raises:
        UserError: Paperclub cannot use such a database.

    """
    try:
        url = make_url(database_url)
    # Not chained: the error quotes a part of the address, which may be of the password.
    except (ArgumentError, ValueError):
        raise UserError(f"That is not a database's address. {_ADDRESS_HELP}") from None
    if url.drivername in _POSTGRESQL:
        # After an unescaped @ in a password, its rest is parsed as a host or option, which errors quote.
        if database_url.count("@") > 1 or not 0 <= (url.port or 0) <= 65535:
            raise UserError(f"That database's address cannot be read. {_ADDRESS_HELP}")
        return _asyncpg(url)
    if url.drivername not in _SQLITE:
        raise UserError(f"Paperclub keeps its data in SQLite or PostgreSQL alone. {_ADDRESS_HELP}")
    if url.database in {None, "", ":memory:"}:
        raise UserError("Name the SQLite file, as in sqlite:////home/you/paperclub.db.")
    return url.set(drivername="sqlite+aiosqlite")


def _asyncpg(url: URL) -> URL:
    """Set the driver. Providers hand out libpq's `sslmode`; asyncpg calls it `ssl`."""
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername="postgresql+asyncpg", query=query)


def make_engine(database_url: str) -> AsyncEngine:
    """Make an engine. Transactions that write need `for_writing` of it.

    Raises:
        UserError: the address cannot be used.

    """
    url = address(database_url)
    if url.drivername == "postgresql+asyncpg":
        named = {"server_settings": {"application_name": PROGRAM}}
        try:
            return create_async_engine(url, pool_pre_ping=True, connect_args=named)
        except (ArgumentError, TypeError, ValueError):
            raise UserError(f"That database's address cannot be read. {_ADDRESS_HELP}") from None
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS, "async_creator_fn": connect})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    event.listen(engine.sync_engine, "invalidate", _roll_back)
    return engine


def keep_private(file: Path) -> None:
    """Create a SQLite file that only this user can read, or restrict one that others can read.

    SQLite gives the files beside it the same mode. An existing file is not opened: closing it would drop the
    locks that SQLite holds on it in this process.

    Raises:
        OSError: it cannot be created.

    """
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.fchmod(descriptor, 0o600)
        os.close(descriptor)
    for end in _COMPANIONS:
        # The mode of another user's file, or of one on a read-only disk, cannot be changed.
        with suppress(OSError):
            each = Path(f"{file}{end}")
            if each.stat().st_mode & 0o077:
                each.chmod(0o600)


def _not_cancelled(record: logging.LogRecord) -> bool:
    """Drop the pool's log record about a cancelled task's connection: cancelling is no error."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


_POOL = AsyncAdaptedQueuePool
logging.getLogger(f"{_POOL.__module__}.{_POOL.__name__}").addFilter(_not_cancelled)


def failure(error: BaseException) -> str | None:
    """Return one sentence on why a database failed, None if the error is a bug or not the database's."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE_FAILURES.get(code & 0xFF) or (_DAMAGED if "no such" in str(cause) else None)
    if getattr(cause, "sqlstate", None) in _MISSING:
        return "The database lacks tables of Paperclub's: name the right one with PAPERCLUB_DATABASE_URL."
    # Other connections wrap their errors, so a bare ConnectionError here is the database's.
    lost = isinstance(error, ConnectionError) and not isinstance(error, BrokenPipeError)
    gone = lost or isinstance(error, (OperationalError, InterfaceError, *_driver_errors()))
    if not gone:
        return None
    name = type(cause).__name__
    return f"The database does not answer ({name}). Check that its server runs, and PAPERCLUB_DATABASE_URL."


_MISSING = {"42P01", "42703", "3F000"}
"""PostgreSQL's error codes for a missing table, column and schema."""
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
    """Return the same engine with transactions that take the write lock at their start.

    A SQLite transaction that reads first and writes later fails at once if another has written in between.
    With the lock from the start, it waits for its turn.
    """
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Leave BEGIN to `_begin_sqlite`: the driver's own comes late, and not before every statement."""
    driver: Any = connection
    driver.isolation_level = None
    cursor = connection.cursor()
    _wal_retries.copy()(cursor.execute, "PRAGMA journal_mode = WAL")
    # A commit has to survive a power cut: a post that was recorded as sent must not be sent again.
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _roll_back(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, error: BaseException | None
) -> None:
    """End a cancelled task's transaction before its connection is closed.

    Closing is not enough. SQLite keeps the connection and its file lock until its last statement is
    finalised, and the traceback of the cancellation still refers to that statement.
    """
    if isinstance(error, asyncio.CancelledError):
        connection.rollback()


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


_wal_retries = Retrying(
    retry=retry_if_exception(_is_busy),
    wait=wait_random(0.001, 0.02),
    stop=stop_after_delay(BUSY_SECONDS),
    reraise=True,
)
"""Retries for two processes that switch a new file to WAL at once: there SQLite fails instead of waiting."""


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
