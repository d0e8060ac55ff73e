"""Backs up a SQLite database into one file while others write to it, and restores it."""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.domain.errors import UserError
from storage.sql.engine import keep_private

_COMPANIONS = ("-wal", "-shm", "-journal")
"""Ends of the names of files that SQLite keeps beside an open database."""
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


async def back_up(database: Path, file: Path) -> int:
    """Write the database as of one moment into a new file. Returns its size in bytes.

    Readers and writers of the database are not blocked: https://www.sqlite.org/backup.html

    Raises:
        UserError: there is no database, the file exists, or it cannot be written.

    """
    if not database.exists():
        raise UserError(f"There is no database yet: no file {database}.")
    if file.exists():
        raise UserError(f"{file} is there already, and a backup replaces nothing. Name another file.")
    # Under its real name only once it is whole, so that a crash leaves no half backup.
    part = Path(f"{file}.part")
    await asyncio.to_thread(_copy, database, part)
    part.rename(file)
    return file.stat().st_size


async def unpack(file: Path, database: Path) -> Path:
    """Copy a backup into a file beside the database, where it is migrated before use. Returns that file.

    Raises:
        UserError: the file is no backup, is damaged, or the copy cannot be written.

    """
    if not file.exists():
        raise UserError(f"There is no file {file}.")
    part = Path(f"{database}.restoring")
    discard(part)
    await asyncio.to_thread(_copy, file, part)
    return part


async def put_in_place(part: Path, database: Path, now: datetime) -> Path | None:
    """Make a file the database. Returns where the earlier database is kept, None if there was none.

    Nothing may have either file open. The earlier database may be damaged.
    """
    before = Path(f"{database}.before-{now:%Y%m%dT%H%M%SZ}")
    was_there = database.exists()
    # A hard link and then a rename over it: at each moment, some whole file has the database's name.
    if was_there:
        await asyncio.to_thread(_checkpoint, database)
        before.hardlink_to(database)
    _move_companions(database, before)
    part.replace(database)
    return before if was_there else None


def discard(part: Path) -> None:
    """Delete an unfinished copy, and the files that SQLite keeps beside it."""
    for end in ("", *_COMPANIONS):
        Path(f"{part}{end}").unlink(missing_ok=True)


def _copy(database: Path, file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
        # Private before any page is in it: other users must not read what teams talk about.
        keep_private(file)
        verdict = _copy_pages(database, file)
        if verdict == "ok":
            _flush(file)
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


def _copy_pages(database: Path, file: Path) -> str:
    """Copy all pages. Returns SQLite's verdict on the copy: `ok` if it is whole."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source:
        source.execute("SELECT version_num FROM alembic_version")
        with closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    return str(verdict)


def _flush(file: Path) -> None:
    """Flush the file to disk, so that it survives a power cut."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _checkpoint(database: Path) -> None:
    """Move the write-ahead log into the database file, unless the file is too damaged for that."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _move_companions(database: Path, before: Path) -> None:
    """Move the files beside the old database with it. SQLite would take them for the new database's."""
    for end in _COMPANIONS:
        companion = Path(f"{database}{end}")
        if companion.exists():
            companion.rename(f"{before}{end}")
