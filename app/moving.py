"""`paperclub move-database`: everything from one database into another."""

import shutil

from rich.console import Console
from rich.table import Table

from app.settings import Settings
from app.wiring import console_record, prepare_folders
from storage.sql.moving import move


async def move_database(settings: Settings, source: str, target: str, notes: Console) -> Table:
    """Move, and tell table by table what arrived.

    Raises:
        UserError: it cannot be done; then nothing was moved.

    """
    context, there = (settings.model_copy(update={"database_url": each}) for each in (source, target))
    prepare_folders(there)
    with notes.status("Moving …") as status:
        moved = await move(source, target, lambda table, rows: status.update(f"{table}: {rows} rows"))
    record, new_record = console_record(context), console_record(there)
    if record.exists() and not new_record.exists():
        shutil.copy(record, new_record)
    report = Table("table", "rows", "compared", box=None, pad_edge=False)
    for each in moved:
        report.add_row(each.table, str(each.rows), "all the same")
    return report
