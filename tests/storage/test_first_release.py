"""A database that the first release wrote (its schema is 0009) is brought up to date and loses nothing.

`first_release.json` has a row or more of each of its tables, as that release's own store wrote them.
"""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from adapters.console import CONSOLE
from bot.domain.vote import TallyCount
from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations import migrate, pending
from storage.sql.migrations.history import upgrade
from storage.sql.store import SqlStore
from tests.storage.making import NOW, later, origin

ROWS: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("first_release.json").read_text(encoding="utf-8")
)
TABLES = {"views": "result_lists", "feeds": "source_polls", "checks": "source_checks"}
COLUMNS = {
    ("channels", "changers"): "edit_policy",
    ("channels", "links"): "link_following",
    ("news", "told"): "notified",
    ("feeds", "settled"): "complete_through",
    ("feeds", "trouble"): "error",
}
"""Columns that have another name now."""
GONE = {"oauth_states"}
"""They held installations in progress, for half an hour at most. People begin those again."""
KNOWN_NO_MORE = {("descriptions", "digest")}
"""What sources say is kept whole now, so they are asked again."""


async def on(url: str, work: Any) -> Any:
    engine = make_engine(url)
    try:
        async with for_writing(engine).begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def fill(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    for table, rows in ROWS.items():
        connection.exec_driver_sql(f"DELETE FROM {table}")  # a migration inserts a first counter
        for row in rows:
            values = ", ".join(_literal(value, connection.dialect.name) for value in row.values())
            columns = ", ".join(map(_quoted, row))
            connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({values})")
        if connection.dialect.name == "postgresql" and any("id" in row for row in rows):
            _count_on(connection, table)


def _literal(value: Any, dialect: str) -> str:
    if isinstance(value, dict):
        return f"X'{value['hex']}'" if dialect == "sqlite" else rf"'\x{value['hex']}'"
    return "'" + str(value).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _count_on(connection: Connection, table: str) -> None:
    """Let PostgreSQL count on from the highest number. It does not see numbers that it was given."""
    sequence = connection.execute(text(f"SELECT pg_get_serial_sequence('{table}', 'id')")).scalar()
    if sequence:
        connection.execute(text(f"SELECT setval('{sequence}', (SELECT max(id) FROM {table}))"))


def rows_of(connection: Connection, table: str, columns: list[str]) -> list[str]:
    wanted = text(f"SELECT {', '.join(map(_quoted, columns))} FROM {table}")
    return sorted(repr(tuple(row)) for row in connection.execute(wanted))


def old_rows(connection: Connection) -> dict[str, list[str]]:
    return {table: rows_of(connection, table, kept_columns(table)) for table in ROWS if table not in GONE}


def new_rows(connection: Connection) -> dict[str, list[str]]:
    return {
        table: rows_of(
            connection,
            TABLES.get(table, table),
            [COLUMNS.get((table, column), column) for column in kept_columns(table)],
        )
        for table in ROWS
        if table not in GONE
    }


def kept_columns(table: str) -> list[str]:
    named = sorted({column for row in ROWS[table] for column in row})
    return [column for column in named if (table, column) not in KNOWN_NO_MORE]


async def test_every_row_of_it_is_there_afterwards(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0009"))
    tables = await on(empty_database, lambda connection: set(inspect(connection).get_table_names()))
    assert tables - {"alembic_version"} == set(ROWS)
    assert all(ROWS.values())
    await on(empty_database, fill)
    before = await on(empty_database, old_rows)

    await migrate(empty_database)

    assert await pending(empty_database) == []
    assert await on(empty_database, new_rows) == before


async def test_people_go_on_where_they_were(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0009"))
    await on(empty_database, fill)
    await migrate(empty_database)
    store = SqlStore(empty_database)
    try:
        async with store.writing() as tx:
            ann = await tx.directory.resolve(origin("ann"), NOW)
            assert (ann.team_id, ann.channel.id, ann.person.id) == (1, 1, 1)
            numbers = [row["id"] for row in ROWS["papers"]]
            papers = await tx.papers.get(numbers, ann.team_id)
            assert [papers[number].title for number in numbers] == [row["title"] for row in ROWS["papers"]]
            status = (await tx.paper_statuses.get(ann.channel.id, [1], ann.person.id))[1]
            assert status.tally == TallyCount(up=2)
            claimed = await tx.outbox.claim([CONSOLE], "one", later(days=1), 60, 10)
            assert [post.token for post in claimed] == [ROWS["posts"][0]["token"]]
    finally:
        await store.close()
