"""Whether a SQLite file holds no more than what somebody tried the bot out with."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

_SAMPLED = "SELECT 1 FROM papers WHERE source = 'sample'"
_FED = (
    "SELECT 1 FROM workspaces WHERE platform <> 'console'",
    "SELECT 1 FROM installations",
    "SELECT 1 FROM source_runs",
    (
        "SELECT 1 FROM papers WHERE team_id IS NULL AND source <> 'sample' "
        "AND id NOT IN (SELECT paper_id FROM submissions)"
    ),
)
"""The same signs as those by which samples once left the databases of teams, in migration 0016."""


async def holds_only_samples(file: Path) -> bool:
    """Whether samples are in it, and neither a platform nor a source ever fed it.

    It may be of an earlier version. One that cannot be read is not.
    """
    return file.exists() and await asyncio.to_thread(_look, file)


def _look(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return _any(connection, _SAMPLED) and not any(_any(connection, sign) for sign in _FED)
    except sqlite3.DatabaseError:
        return False


def _any(connection: sqlite3.Connection, wanted: str) -> bool:
    return connection.execute(f"{wanted} LIMIT 1").fetchone() is not None
