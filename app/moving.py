"""`paperclub move-database`: copies a whole database into an empty one."""

import shutil

from rich.console import Console
from rich.table import Table

from app.settings import Settings
from app.wiring import console_record, prepare_folders
from storage.sql.moving import move


async def move_database(settings: Settings, source: str, target: str, notes: Console) -> Table:
    """Copy a database, and return a table that counts the rows of each of its tables.

    Raises:
        UserError: the databases do not allow it. Then nothing was copied.

    """
    source_settings, target_settings = (
        settings.model_copy(update={"database_url": each}) for each in (source, target)
    )
    prepare_folders(target_settings)
    with notes.status("Moving …") as status:
        moved = await move(source, target, lambda table, rows: status.update(f"{table}: {rows} rows"))
    record, new_record = console_record(source_settings), console_record(target_settings)
    if record.exists() and not new_record.exists():
        shutil.copy(record, new_record)
    report = Table("table", "rows", "compared", box=None, pad_edge=False)
    for each in moved:
        report.add_row(each.table, str(each.rows), "all the same")
    return report
