"""`paperclub export`: everything that is kept, as JSON Lines."""

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
        UserError: the file exists and is not to be replaced, or it cannot be written.

    """
    if file is not None and file.is_file() and not force:
        raise UserError(f"{file} exists already. Name another file, or replace it with --force.")
    await migrate(settings.database)
    store = SqlStore(settings.database)
    rows = 0
    try:
        # A write that fails must not leave the reading under way: it would outlast the loop.
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
    """Name a row's table; a column of its own that is called `kind` comes as `TABLE.kind`."""
    return {"kind": kind} | {f"{kind}.kind" if name == "kind" else name: row[name] for name in row}


@contextmanager
def _open(file: Path | None) -> Iterator[TextIO]:
    """Open what is written to; an export that breaks off leaves the file that was there as it was."""
    if file is None:
        yield sys.stdout
        return
    file = file.resolve()
    part = file.with_name(f"{file.name}.part")
    try:
        if file.exists() and not file.is_file():
            # A device or a pipe has nothing to be kept, and must not be replaced by a file.
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
    """Open a new file that nobody else may read: it holds what teams talk about."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")
