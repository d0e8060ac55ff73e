"""A SQLite database as one file, taken while others write to it, and put back in its place."""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.domain.errors import UserError
from storage.sql.engine import keep_private

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file that is in use."""
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


async def back_up(database: Path, file: Path) -> int:
    """Write a database as of one moment into a new file; how many bytes it has. Nobody waits for it.

    https://www.sqlite.org/backup.html

    Raises:
        UserError: there is nothing to back up, or it cannot be written there.

    """
    if not database.exists():
        raise UserError(f"There is no database yet: no file {database}.")
    if file.exists():
        raise UserError(f"{file} is there already, and a backup replaces nothing. Name another file.")
    part = Path(f"{file}.part")
    await asyncio.to_thread(_copy, database, part)
    part.rename(file)
    return file.stat().st_size


async def unpack(file: Path, database: Path) -> Path:
    """Write a backup into a file beside the database, where it can be made ready; give that file.

    Raises:
        UserError: it is no backup, or damaged, or cannot be written there.

    """
    if not file.exists():
        raise UserError(f"There is no file {file}.")
    part = Path(f"{database}.restoring")
    discard(part)
    await asyncio.to_thread(_copy, file, part)
    return part


async def put_in_place(part: Path, database: Path, now: datetime) -> Path | None:
    """Let a file be the database; give the file that the one before is kept in, if there was one.

    Nothing may have either of them open. The one before may be damaged.
    """
    before = Path(f"{database}.before-{now:%Y%m%dT%H%M%SZ}")
    was_there = database.exists()
    if was_there:
        await asyncio.to_thread(_close_off, database)
        before.hardlink_to(database)
    _set_aside(database, before)
    part.replace(database)
    return before if was_there else None


def discard(part: Path) -> None:
    """Remove a file that was to be the database, and all beside it."""
    for end in ("", *_BESIDE):
        Path(f"{part}{end}").unlink(missing_ok=True)


def _copy(database: Path, file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
        # Nobody else may read what teams talk about.
        keep_private(file)
        verdict = _copied(database, file)
        if verdict == "ok":
            _write_down(file)
    except OSError as error:
        discard(file)
        raise UserError(f"{file} cannot be written: {error.strerror}.") from None
    except sqlite3.DatabaseError as error:
        discard(file)
        if error.sqlite_errorcode & 0xFF in _NO_ROOM:
            raise UserError(f"{file} cannot be written: {error}. Is the disk full?") from None
        raise UserError(f"{database} is not a database of Paperclub's that can be read: {error}.") from None
    except BaseException:
        discard(file)
        raise
    if verdict != "ok":
        discard(file)
        raise UserError(f"{database} is damaged: {verdict}. Take another backup.")


def _copied(database: Path, file: Path) -> str:
    """Copy all pages; what SQLite says of the copy, which is `ok` where it is whole."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source:
        source.execute("SELECT version_num FROM alembic_version")
        with closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    return str(verdict)


def _write_down(file: Path) -> None:
    """Let it outlive a power cut."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _close_off(database: Path) -> None:
    """Bring into the file what SQLite keeps beside it, unless it is too damaged for that."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _set_aside(database: Path, before: Path) -> None:
    """Keep what is still beside a database with it: SQLite would take it for the next one's."""
    for end in _BESIDE:
        beside = Path(f"{database}{end}")
        if beside.exists():
            beside.rename(f"{before}{end}")
