"""`paperclub export`: everything that is kept, as JSON Lines."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console

from app.settings import Settings
from bot.errors import UserError
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore


async def export(settings: Settings, file: Path | None, notes: Console) -> int:
    """Write every row as one JSON object with its kind."""
    await migrate(settings.database)
    store = SqlStore(settings.database)
    rows = 0
    try:
        with _open(file) as stream:
            async for kind, row in store.export():
                stream.write(json.dumps({"kind": kind} | row, ensure_ascii=False) + "\n")
                rows += 1
    finally:
        await store.close()
    notes.print(f"{rows} rows written")
    return 0


@contextmanager
def _open(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    try:
        with file.open("w", encoding="utf-8") as stream:
            yield stream
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from None
