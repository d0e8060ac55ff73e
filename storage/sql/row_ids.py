"""The ids that rows were given. Ids of deleted rows are never given out again."""

from sqlalchemy import Table, text

from storage.sql.connection import Connection
from storage.sql.tables import Base

NUMBERED: tuple[Table, ...] = tuple(
    table for table in Base.metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]
)
"""The tables with generated ids."""


async def last_id(connection: Connection, table: Table) -> int:
    """Return the last id that a table has given out, even if that row is gone; 0 if none."""
    if connection.dialect == "sqlite":
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return int((await connection.run(query, {"name": table.name})).scalar() or 0)
    sequence = (await connection.run(_SEQUENCE, {"name": table.name})).scalar_one()
    query = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - a name of our own
    return int((await connection.run(query)).scalar_one())


async def set_last_id(connection: Connection, table: Table, number: int) -> None:
    """Make a table continue after this id."""
    if connection.dialect == "sqlite":
        parameters = {"name": table.name, "number": number}
        await connection.run(text("DELETE FROM sqlite_sequence WHERE name = :name"), parameters)
        await connection.run(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), parameters
        )
        return
    sequence = (await connection.run(_SEQUENCE, {"name": table.name})).scalar_one()
    parameters = {"sequence": sequence, "number": max(number, 1), "any": number > 0}
    await connection.run(text("SELECT setval(CAST(:sequence AS regclass), :number, :any)"), parameters)


_SEQUENCE = text("SELECT pg_get_serial_sequence(:name, 'id')")
