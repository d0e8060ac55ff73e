"""Alembic's side of migrating: its configuration and the list of migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from bot.domain.errors import UserError

MIGRATION_LOCK = 7_295_308_114
"""Key of a PostgreSQL advisory lock, so that processes that start together migrate one after the other."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate up to a revision, inside the connection's transaction.

    Raises:
        UserError: the database is of a later version than this program.

    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    try:
        command.upgrade(configuration(connection), revision)
    except CommandError as error:
        raise _of_another_version(error) from error


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Migrate down to a revision, inside the connection's transaction."""
    command.downgrade(configuration(connection), revision)


def configuration(connection: Connection) -> Config:
    """Return Alembic's settings for this connection.

    To draft the next migration, call `alembic.command.revision(configuration(connection), "What changes",
    autogenerate=True)` on a migrated database.
    """
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def missing(connection: Connection) -> list[str]:
    """Return the names of the migrations that a database lacks, first to run first.

    Raises:
        UserError: the database is of a later version than this program.

    """
    scripts = ScriptDirectory.from_config(configuration(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    try:
        lacking = list(scripts.iterate_revisions("heads", current or "base"))
    except CommandError as error:
        raise _of_another_version(error) from error
    return [f"{script.revision}: {script.doc}" for script in lacking][::-1]


def _of_another_version(error: CommandError) -> UserError:
    return UserError(
        f"The database is of another version of Paperclub than this program ({error}). Run the newer one."
    )
