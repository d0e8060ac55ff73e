"""The schema's history, and how a database is brought up to date."""

import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from bot.errors import UserError
from storage.sql.engine import UNREACHABLE, address, failure, for_writing, keep_private, make_engine

_T = TypeVar("_T")

ONE_AT_A_TIME = 7_295_308_114
"""The PostgreSQL advisory lock under which programs that start together migrate one after the other."""


async def migrate(database_url: str) -> None:
    """Bring a database up to date, whole or not at all.

    Raises:
        UserError: it cannot be opened, or is of a later version than this program.

    """
    url = address(database_url)
    if url.drivername.startswith("sqlite"):
        with contextlib.suppress(OSError):  # SQLite says it better
            keep_private(Path(url.database or ""))
    await _run(database_url, upgrade, writing=True)


async def pending(database_url: str) -> list[str]:
    """The names of the migrations that a database still lacks, the first to run first.

    Raises:
        UserError: it cannot be opened.

    """
    return await _run(database_url, _missing, writing=False)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate up to a revision inside the connection's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    command.upgrade(configuration(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Migrate back to a revision inside the connection's transaction."""
    command.downgrade(configuration(connection), revision)


def configuration(connection: Connection) -> Config:
    """Alembic's settings for this connection.

    On a migrated database, `alembic.command.revision(configuration(connection), "What changes",
    autogenerate=True)` drafts the next migration.
    """
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _missing(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(configuration(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    missing = scripts.iterate_revisions("heads", current or "base")
    return [f"{script.revision}: {script.doc}" for script in missing][::-1]


async def _run(database_url: str, work: Callable[[Connection], _T], *, writing: bool) -> _T:
    engine = make_engine(database_url)
    try:
        async with AsyncExitStack() as stack:
            opening = (for_writing(engine) if writing else engine).begin()
            try:
                connection = await stack.enter_async_context(opening)
            # Errors in connecting may quote the address, and so the password: they go no further.
            except UNREACHABLE as error:
                raise UserError(
                    failure(error)
                    or f"The database cannot be opened ({type(error).__name__}). "
                    "Check PAPERCLUB_DATABASE_URL, and that its server runs or its file is Paperclub's."
                ) from None
            try:
                return await connection.run_sync(work)
            except CommandError as error:
                raise UserError(
                    f"The database is of another version of Paperclub than this program ({error}). "
                    "Run the newer one."
                ) from error
    finally:
        await engine.dispose()
