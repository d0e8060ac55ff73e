"""Copies a whole database into another one, SQLite or PostgreSQL, and compares them before committing."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Insert,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    collate,
    delete,
    func,
    insert,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.errors import UserError
from storage.sql.connection import Connection
from storage.sql.database_in_use import require_unused, sqlite_file
from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations import migrate, pending
from storage.sql.row_ids import NUMBERED, last_id, set_last_id
from storage.sql.tables import Base, CounterRow
from storage.sql.types import StoredText, storable

ROWS_AT_ONCE = 500
Progress = Callable[[str, int], None]
_COUNTERS = Base.metadata.tables[CounterRow.__tablename__]


@dataclass(frozen=True, slots=True)
class Moved:
    """A table, and how many rows were copied and compared."""

    table: str
    rows: int


async def move(source_url: str, target_url: str, progress: Progress) -> list[Moved]:
    """Copy everything from one database into another, empty one, in one transaction.

    An interrupted move has changed nothing and can be started again. `progress` gets each table's name with
    the number of rows copied so far. The source is only read, and is locked against writers.

    Raises:
        UserError: one of the databases cannot be used. The text says what to do.

    """
    await _check(source_url, target_url)
    await migrate(target_url)
    async with _exclusive(source_url) as source, _exclusive(target_url) as target:
        await _require_empty(target)
        # The migration has inserted counters at 0, in the way of the copied ones.
        await target.execute(delete(_COUNTERS))
        for table in Base.metadata.sorted_tables:
            await _copy(table, source, target, progress)
        moved = [await _compare(table, source, target) for table in Base.metadata.sorted_tables]
        reader, writer = Connection(source, writable=False), Connection(target, writable=True)
        # Ids of deleted rows must not be given out again: old messages still carry them.
        for table in NUMBERED:
            await set_last_id(writer, table, await last_id(reader, table))
    return moved


async def _check(source_url: str, target_url: str) -> None:
    if _is_same_database(source_url, target_url):
        raise UserError("That is the same database twice. Name another one to move to.")
    file = sqlite_file(source_url)
    if file is not None and not file.exists():
        raise UserError(f"There is no file {file}.")
    await require_unused(source_url, "the database to move")
    await require_unused(target_url, "the database to move to")
    if await pending(source_url):
        raise UserError(
            "The database to move is of another version. Bring it up to date first, "
            "with `paperclub migrate` and its address in PAPERCLUB_DATABASE_URL."
        )


def _is_same_database(source_url: str, target_url: str) -> bool:
    files = sqlite_file(source_url), sqlite_file(target_url)
    if None not in files:
        one, other = (file.resolve() for file in files if file is not None)
        return one == other
    one_engine, other_engine = make_engine(source_url), make_engine(target_url)
    return one_engine.url == other_engine.url


@asynccontextmanager
async def _exclusive(database_url: str) -> AsyncIterator[AsyncConnection]:
    """Open a transaction during which nobody else can write to the database."""
    engine = make_engine(database_url)
    try:
        async with for_writing(engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                tables = ", ".join(Base.metadata.tables)
                await connection.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))
            else:
                await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            yield connection
    finally:
        await engine.dispose()


async def _require_empty(target: AsyncConnection) -> None:
    for table in Base.metadata.sorted_tables:
        if table is not _COUNTERS and await _count(target, table):
            raise UserError(
                f"The database to move to is not empty: {table.name} has rows. Name one that is new, "
                "or empty it."
            )


async def _copy(table: Table, source: AsyncConnection, target: AsyncConnection, progress: Progress) -> None:
    copied = 0
    progress(table.name, copied)
    statement = _insert(table, target.dialect.name)
    async for rows in _batches(table, source):
        try:
            await target.execute(statement, [dict(zip(_parameters(table), row, strict=True)) for row in rows])
        except DBAPIError as error:
            raise UserError(
                f"{table.name}: the database to move to does not take rows {copied + 1} to "
                f"{copied + len(rows)} ({type(error.orig).__name__}). Nothing was moved."
            ) from error
        copied += len(rows)
        progress(table.name, copied)


async def _compare(table: Table, source: AsyncConnection, target: AsyncConnection) -> Moved:
    """Compare each row with its copy, by key. Copies lack characters that not every database stores."""
    rows, copies = _rows(table, source), _rows(table, target)
    count = 0
    async for row in rows:
        expected = tuple(storable(each) if isinstance(each, str) else each for each in row)
        if expected != await anext(copies, None):
            raise UserError(f"{table.name}: row {count + 1} did not arrive as it was. Nothing was moved.")
        count += 1
    if count != await _count(target, table):
        raise UserError(f"{table.name}: there are rows too many. Nothing was moved.")
    return Moved(table.name, count)


async def _rows(table: Table, connection: AsyncConnection) -> AsyncIterator[tuple[Any, ...]]:
    async for batch in _batches(table, connection):
        for row in batch:
            yield row


async def _batches(table: Table, connection: AsyncConnection) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
    result = await connection.stream(
        _select(table, connection.dialect.name).execution_options(yield_per=ROWS_AT_ONCE)
    )
    async for batch in result.partitions():
        yield [tuple(row) for row in batch]


async def _count(connection: AsyncConnection, table: Table) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


def _stored(table: Table) -> Iterator[Column[Any]]:
    return (column for column in table.columns if column.computed is None)


def _parameters(table: Table) -> Iterator[str]:
    return (f"new_{column.name}" for column in _stored(table))


def _select(table: Table, dialect: str) -> Select[*tuple[Any, ...]]:
    """Select all rows, sorted by key in the order of bytes, as SQLite sorts. JSON is read as text."""

    def read(column: Column[Any]) -> ColumnElement[Any]:
        if not isinstance(column.type, JSON):
            return column
        return cast(column, Text) if dialect == "postgresql" else type_coerce(column, Text)

    def ordered(column: Column[Any]) -> ColumnElement[Any]:
        in_bytes = dialect == "postgresql" and isinstance(column.type, String | StoredText)
        return collate(column, "C") if in_bytes else column

    return select(*map(read, _stored(table))).order_by(*map(ordered, table.primary_key))


def _insert(table: Table, dialect: str) -> Insert:
    def written(column: Column[Any]) -> ColumnElement[Any]:
        is_json = isinstance(column.type, JSON)
        value = bindparam(f"new_{column.name}", type_=Text() if is_json else column.type)
        return cast(value, column.type) if is_json and dialect == "postgresql" else value

    return insert(table).values({column.name: written(column) for column in _stored(table)})
