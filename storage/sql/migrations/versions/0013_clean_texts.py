"""Texts without NUL and lone surrogates, which SQLite took and PostgreSQL does not.

PostgreSQL can have them only escaped in JSON.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])
_REPLACED = dict.fromkeys(_UNSTORABLE, "\N{REPLACEMENT CHARACTER}")


def upgrade() -> None:
    """Go to this revision."""
    connection = op.get_bind()
    tables = sa.MetaData()
    # To read how a table is made takes long, and a new database has hardly a row.
    if filled := _filled(connection):
        tables.reflect(connection, only=filled)
    for table in tables.sorted_tables:
        for column in table.columns:
            if column.computed is not None:
                continue
            if isinstance(column.type, sa.JSON):
                _clean_json(connection, table, column)
            elif isinstance(column.type, sa.String) and connection.dialect.name == "sqlite":
                _clean_texts(connection, table, column)


def downgrade() -> None:
    """Go back to the revision before, which takes clean texts as well."""


def _filled(connection: sa.Connection) -> list[str]:
    """Give the names of the tables that have rows."""
    return [
        name
        for name in sa.inspect(connection).get_table_names()
        if connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first()
    ]


def _clean_texts(connection: sa.Connection, table: sa.Table, column: sa.Column[Any]) -> None:
    """Leave the characters out, or replace them where another row has the text without them already."""
    in_bytes = sa.func.instr(sa.cast(column, sa.LargeBinary), sa.text("x'00'"))
    for key, written in _rows(connection, table, column, in_bytes > 0):
        row = sa.update(table).where(*_is(table, key))
        try:
            with connection.begin_nested():
                connection.execute(row.values({column: written.translate(_UNSTORABLE)}))
        except sa.exc.IntegrityError:
            connection.execute(row.values({column: written.translate(_REPLACED)}))


def _clean_json(connection: sa.Connection, table: sa.Table, column: sa.Column[Any]) -> None:
    escaped = sa.cast(column, sa.Text)
    suspects = escaped.contains("\\u0000", autoescape=True) | escaped.icontains("\\ud", autoescape=True)
    for key, value in _rows(connection, table, column, suspects):
        cleaned = _cleaned(value)
        if cleaned != value:
            connection.execute(sa.update(table).where(*_is(table, key)).values({column: cleaned}))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_UNSTORABLE)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(each) for name, each in value.items()}
    return value


def _rows(
    connection: sa.Connection, table: sa.Table, column: sa.Column[Any], which: sa.ColumnElement[bool]
) -> Iterator[tuple[Sequence[Any], Any]]:
    """Give the rows by their keys, each with what the column holds."""
    for row in connection.execute(sa.select(column, *table.primary_key).where(which)).all():
        yield row[1:], row[0]


def _is(table: sa.Table, key: Sequence[Any]) -> list[sa.ColumnElement[bool]]:
    return [column == value for column, value in zip(table.primary_key, key, strict=True)]
