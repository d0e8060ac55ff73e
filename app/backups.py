"""`paperclub backup`, `restore` and `after-restore`: what was posted since a backup is not posted again."""

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
    """Write the SQLite database into a file, while the bot runs.

    Raises:
        UserError: it cannot be done.

    """
    size = await write(_sqlite(settings, "pg_dump"), file)
    return [f"{file}: {size / 1e6:.1f} MB, checked"]


async def restore(settings: Settings, file: Path, clock: Clock) -> list[str]:
    """Put a backup in the place of the SQLite database, ready for the bot.

    Raises:
        UserError: it cannot be done; then all is as it was.

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
    """Prepare a database that was restored by other means for the bot.

    Raises:
        UserError: it cannot be done.

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
        f"{counted(found.posts, 'post')} to be looked for before anything is sent",
        f"{counted(found.slots, 'digest')} left out whose time had passed",
        f"{counted(found.news, 'piece')} of news taken for told",
        "Papers that arrived up to today are in no later digest: they may have been posted.",
    ]


def _sqlite(settings: Settings, instead: str) -> Path:
    if settings.database_file is None:
        raise UserError(f"That is for SQLite. PostgreSQL brings {instead}: see docs/operations.md.")
    return settings.database_file
