"""Migrations, and how a database is brought up to date."""

import contextlib
import importlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from sqlalchemy import Connection, inspect, text

from bot.domain.errors import UserError
from storage.sql.engine import address, failure, for_writing, keep_private, make_engine, unreachable

_T = TypeVar("_T")

LATEST = max(each.name for each in (Path(__file__).parent / "versions").glob("[0-9]*.py"))[:4]
"""The schema version that this program needs."""


async def migrate(database_url: str) -> None:
    """Bring a database up to date, in one transaction.

    Raises:
        UserError: it cannot be opened, or is of a later version than this program.

    """
    url = address(database_url)
    if url.drivername.startswith("sqlite"):
        with contextlib.suppress(OSError):  # SQLite's own error, right below, is clearer
            keep_private(Path(url.database or ""))
    if not await _run(database_url, _is_latest, writing=False):
        await _run(database_url, _history().upgrade, writing=True)


async def pending(database_url: str) -> list[str]:
    """Return the names of the migrations that a database lacks, first to run first.

    Raises:
        UserError: it cannot be opened, or is of a later version than this program.

    """
    if await _run(database_url, _is_latest, writing=False):
        return []
    return await _run(database_url, _history().missing, writing=False)


def _history() -> ModuleType:
    """Import Alembic's side. It takes a second and is seldom needed, so it is not imported at the top."""
    return importlib.import_module("storage.sql.migrations.history")


def _is_latest(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    versions = connection.execute(text("SELECT version_num FROM alembic_version"))
    return versions.scalars().all() == [LATEST]


async def _run(database_url: str, work: Callable[[Connection], _T], *, writing: bool) -> _T:
    engine = make_engine(database_url)
    try:
        async with AsyncExitStack() as stack:
            opening = (for_writing(engine) if writing else engine).begin()
            try:
                connection = await stack.enter_async_context(opening)
            # Connection errors may quote the address, and with it the password, so they are not chained.
            except unreachable() as error:
                raise UserError(
                    failure(error)
                    or f"The database cannot be opened ({type(error).__name__}). "
                    "Check PAPERCLUB_DATABASE_URL, and that its server runs or its file is Paperclub's."
                ) from None
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
