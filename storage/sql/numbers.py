"""The numbers that rows were given: those of rows that are gone are never given out again."""

from sqlalchemy import Table, text

from storage.sql.link import Link
from storage.sql.tables import Base

NUMBERED: tuple[Table, ...] = tuple(
    table for table in Base.metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]
)
"""The tables whose rows are counted."""


async def last_number(link: Link, table: Table) -> int:
    """The number of the last row that a table was given, even if that is gone; 0 where there was none."""
    if link.dialect == "sqlite":
        wanted = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return int((await link.run(wanted, {"name": table.name})).scalar() or 0)
    sequence = (await link.run(_SEQUENCE, {"name": table.name})).scalar_one()
    given = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - a name of our own
    return int((await link.run(given)).scalar_one())


async def count_on_from(link: Link, table: Table, number: int) -> None:
    """Let a table's next row have the number after this one."""
    if link.dialect == "sqlite":
        given = {"name": table.name, "number": number}
        await link.run(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
        await link.run(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), given)
        return
    sequence = (await link.run(_SEQUENCE, {"name": table.name})).scalar_one()
    given = {"sequence": sequence, "number": max(number, 1), "any": number > 0}
    await link.run(text("SELECT setval(CAST(:sequence AS regclass), :number, :any)"), given)


_SEQUENCE = text("SELECT pg_get_serial_sequence(:name, 'id')")
