"""`paperclub export`: writes everything that is stored, as JSON Lines."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from app.settings import Settings
from bot.domain.errors import UserError
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore


async def export(settings: Settings, file: Path | None, notes: Console, *, force: bool = False) -> int:
    """Write every row as one JSON object, with its table's name as `kind`.

    Raises:
        UserError: the file exists and `force` is not set, or the file cannot be written.

    """
    if file is not None and file.is_file() and not force:
        raise UserError(f"{file} exists already. Name another file, or replace it with --force.")
    await migrate(settings.database)
    store = SqlStore(settings.database)
    rows = 0
    try:
        # If a write fails, end the query at once. Otherwise its connection would outlive the event loop.
        with _open(file) as stream:
            async with contextlib.aclosing(store.export()) as kept:
                async for kind, row in kept:
                    stream.write(json.dumps(tagged(kind, row), ensure_ascii=False) + "\n")
                    rows += 1
    finally:
        await store.close()
    notes.print(f"{rows} rows written")
    return 0


def tagged(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """Add the table's name as `kind`. If the table has a column of that name, it becomes `TABLE.kind`."""
    return {"kind": kind} | {f"{kind}.kind" if name == "kind" else name: row[name] for name in row}


@contextmanager
def _open(file: Path | None) -> Iterator[TextIO]:
    """Open the file to write. If the export fails, an existing file stays as it was."""
    if file is None:
        yield sys.stdout
        return
    file = file.resolve()
    part = file.with_name(f"{file.name}.part")
    try:
        if file.exists() and not file.is_file():
            # Write straight to a device or a pipe: a file must not take its place.
            with file.open("w", encoding="utf-8") as stream:
                yield stream
            return
        try:
            part.unlink(missing_ok=True)
            with _new(part) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror or error}.") from None


def _new(file: Path) -> TextIO:
    """Open a new file that only this user may read: it holds what teams said."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")
