"""`paperclub backup`, `restore` and `after-restore`. After a restore nothing is posted a second time."""

from pathlib import Path

from app.settings import Settings
from app.wiring import prepare_folders
from bot.domain.errors import UserError
from bot.ports.clock import Clock
from bot.posting.restore import Restored, after_restore
from bot.protocol.wording import counted
from storage.sql.backup import back_up as write
from storage.sql.backup import discard, put_in_place, unpack
from storage.sql.database_in_use import require_unused
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore


async def back_up(settings: Settings, file: Path) -> list[str]:
    """Back the SQLite database up to a file. The bot may run meanwhile.

    Raises:
        UserError: there is no SQLite database, or the file exists or cannot be written.

    """
    size = await write(_sqlite(settings, "pg_dump"), file)
    return [f"{file}: {size / 1e6:.1f} MB, checked"]


async def restore(settings: Settings, file: Path, clock: Clock) -> list[str]:
    """Replace the SQLite database by a backup, and prepare it for the bot.

    Raises:
        UserError: the bot runs, or the backup is no good. Then nothing was changed.

    """
    database = _sqlite(settings, "pg_restore and `paperclub after-restore`")
    prepare_folders(settings)
    await require_unused(settings.database, str(database))
    part = await unpack(file, database)
    try:
        lines = await _prepare(f"sqlite:///{part}", clock)
        before = await put_in_place(part, database, clock.now())
    finally:
        discard(part)
    return [*lines, *([f"The database before is kept as {before}"] if before is not None else [])]


async def restored(settings: Settings, clock: Clock) -> list[str]:
    """Prepare a database that another program restored for the bot.

    Raises:
        UserError: the bot runs on it.

    """
    await require_unused(settings.database, "the database")
    return await _prepare(settings.database, clock)


async def _prepare(database_url: str, clock: Clock) -> list[str]:
    await migrate(database_url)
    store = SqlStore(database_url)
    try:
        return _restored_lines(await after_restore(store, clock))
    finally:
        await store.close()


def _restored_lines(found: Restored) -> list[str]:
    return [
        f"{counted(found.posts, 'post')} to be looked for on the platform before anything is sent",
        f"{counted(found.slots, 'digest')} left out: the time has passed",
        f"{counted(found.news, 'piece')} of news not posted: it may have been",
        "Papers that arrived until today are in no later digest: they may have been posted.",
    ]


def _sqlite(settings: Settings, instead: str) -> Path:
    if settings.database_file is None:
        raise UserError(f"This works only with SQLite. PostgreSQL brings {instead}: see docs/operations.md.")
    return settings.database_file
