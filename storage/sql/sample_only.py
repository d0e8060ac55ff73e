"""Whether a SQLite file holds only what somebody tried the bot out with."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

_HAS_SAMPLES = "SELECT 1 FROM papers WHERE source = 'sample'"
_SIGNS_OF_USE = (
    "SELECT 1 FROM workspaces WHERE platform <> 'console'",
    "SELECT 1 FROM installations",
    "SELECT 1 FROM source_runs",
    (
        "SELECT 1 FROM papers WHERE team_id IS NULL AND source <> 'sample' "
        "AND id NOT IN (SELECT paper_id FROM submissions)"
    ),
)
"""Signs of real use, the same as in migration 0016, which removed samples from teams' databases."""


async def holds_only_samples(file: Path) -> bool:
    """Whether the file has samples, and no platform or source ever added to it.

    The schema may be of an earlier version. False for a file that cannot be read.
    """
    return file.exists() and await asyncio.to_thread(_look, file)


def _look(file: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return _any(connection, _HAS_SAMPLES) and not any(
                _any(connection, sign) for sign in _SIGNS_OF_USE
            )
    except sqlite3.DatabaseError:
        return False


def _any(connection: sqlite3.Connection, query: str) -> bool:
    return connection.execute(f"{query} LIMIT 1").fetchone() is not None
