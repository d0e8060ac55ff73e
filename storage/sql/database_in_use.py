"""Whether a process of Paperclub has a database open."""

import asyncio
import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from bot.domain.errors import UserError
from storage.sql.engine import PROGRAM, address, make_engine, unreachable


async def require_unused(database_url: str, name: str) -> None:
    """Raise if a process runs on the database. `name` is what the message calls it.

    Raises:
        UserError: a process has it open, or the server does not answer.

    """
    if await is_in_use(database_url):
        raise UserError(f"Paperclub is running on {name}. Stop every process of it first, `chat` as well.")


async def is_in_use(database_url: str) -> bool:
    """Whether another process has the database open. For a SQLite file, any program counts.

    Raises:
        UserError: the server does not answer.

    """
    file = sqlite_file(database_url)
    if file is not None:
        return file.exists() and await asyncio.to_thread(_is_open, file)
    engine = make_engine(database_url)
    try:
        async with engine.connect() as connection:
            others = await connection.execute(_OTHERS, {"program": PROGRAM})
            return bool(others.scalar())
    # Connection errors may quote the address, and with it the password, so they are not chained.
    except unreachable() as error:
        raise UserError(
            f"The database at {engine.url.host or 'its address'} cannot be opened ({type(error).__name__}). "
            "Check its address, and that its server runs."
        ) from None
    finally:
        await engine.dispose()


def sqlite_file(database_url: str) -> Path | None:
    """Return the file of a SQLite database, None if the database is a server."""
    url = address(database_url)
    return Path(url.database or "") if url.drivername.startswith("sqlite") else None


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = :program AND pid <> pg_backend_pid()"
)


_LOCKED_FROM, _LOCKED_BYTES = 0x40000000, 512
"""The bytes that SQLite locks: https://www.sqlite.org/fileformat.html#the_lock_byte_page."""


def _is_open(file: Path) -> bool:
    """Whether a connection is open. In WAL mode, each one keeps a lock on the file, even an idle one."""
    try:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY or _is_locked(file)
    return False


def _is_locked(file: Path) -> bool:
    """Do the same for a file that SQLite cannot read: the lock is the operating system's."""
    with file.open("rb+") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKED_BYTES, _LOCKED_FROM)
        except BlockingIOError:
            return True
    return False
