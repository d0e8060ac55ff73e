import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations import downgrade, migrate, pending, upgrade
from storage.sql.tables import Base

_MOMENT = "2026-09-21 08:00:00+00:00"
_SLOT = {"at": "09:00:00", "timezone": "UTC"}
_A_DIGEST_WITH_A_POST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("teams", {"id": 1, "name": "lab", "created": _MOMENT}),
    ("workspaces", {"id": 1, "team_id": 1, "platform": "console", "external_id": "lab"}),
    (
        "channels",
        {
            "id": 1,
            "team_id": 1,
            "workspace_id": 1,
            "external_id": "general",
            "name": "general",
            "timezone": "UTC",
            "post_at": "09:00:00",
            "layout": "threaded",
            "changers": "anyone",
        },
    ),
    (
        "digests",
        {
            "id": 1,
            "team_id": 1,
            "channel_id": 1,
            **_SLOT,
            "local_date": "2026-09-21",
            "kind": "nothing_new",
            "warning": "",
            "planned_at": _MOMENT,
        },
    ),
    (
        "posts",
        {
            "id": 1,
            "team_id": 1,
            "channel_id": 1,
            "digest_id": 1,
            "part": 0,
            "token": "a token",
            "state": "planned",
            "planned_at": _MOMENT,
            "not_before": _MOMENT,
            "attempts": 0,
            "detail": "",
        },
    ),
)


async def on(url: str, work: Any) -> Any:
    engine = make_engine(url)
    try:
        async with for_writing(engine).begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def schema(connection: Connection) -> dict[str, Any]:
    """All that the database says of itself, constraints and defaults included."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (
                    str(column["type"]),
                    column["nullable"],
                    column["default"],
                    column.get("computed"),
                )
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "references": in_order(inspector.get_foreign_keys(table)),
            "unique": in_order(inspector.get_unique_constraints(table)),
            "checks": in_order(inspector.get_check_constraints(table)),
            "indexes": in_order(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def in_order(parts: list[Any]) -> list[Any]:
    def plain(part: dict[str, Any]) -> dict[str, Any]:
        options = {key: str(value) for key, value in part.get("dialect_options", {}).items()}
        return {**part, "dialect_options": options}

    return sorted(map(plain, parts), key=lambda part: part["name"])


async def test_the_migrations_lead_to_the_tables_as_they_are_declared(empty_database: str) -> None:
    await on(empty_database, Base.metadata.create_all)
    declared = await on(empty_database, schema)
    await on(empty_database, Base.metadata.drop_all)

    await migrate(empty_database)

    assert await on(empty_database, schema) == declared
    assert declared["posts"]["checks"]
    assert declared["digest_items"]["unique"]
    assert declared["vote_observations"]["references"]


async def test_alembic_finds_nothing_to_change(database: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, Base.metadata)

    assert await on(database, differences) == []


async def test_migrations_go_up_and_down_and_up_again(empty_database: str) -> None:
    missing = await pending(empty_database)
    await migrate(empty_database)
    first = await on(empty_database, schema)
    assert await pending(empty_database) == []

    await on(empty_database, downgrade)
    assert await on(empty_database, schema) == {}
    assert await pending(empty_database) == missing

    await migrate(empty_database)
    assert await on(empty_database, schema) == first


async def test_digests_posts_outlive_the_change_of_their_table(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0005"))

    def fill(connection: Connection) -> None:
        for table, row in _A_DIGEST_WITH_A_POST:
            values = ", ".join(f"'{value}'" for value in row.values())
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"))

    def posts(connection: Connection) -> list[Any]:
        return connection.execute(text("SELECT id, digest_id, part, depends_on, token FROM posts")).all()

    await on(empty_database, fill)
    before = await on(empty_database, posts)
    await migrate(empty_database)
    assert await on(empty_database, posts) == before == [(1, 1, 0, None, "a token")]
    await on(empty_database, lambda connection: downgrade(connection, "0005"))
    assert await on(empty_database, posts) == before


async def test_states_of_installations_go_and_installations_stay(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0009"))

    def fill(connection: Connection) -> None:
        values = f"('slack', 'T1', 'Lab', 'A1', 'B1', 'U1', '[]', 'U2', '{_MOMENT}', '{_MOMENT}')"
        columns = (
            "platform, workspace, name, app, bot, bot_user, scopes, installed_by, installed_at, revoked_at"
        )
        connection.execute(text(f"INSERT INTO installations ({columns}) VALUES {values}"))
        connection.execute(text(f"INSERT INTO oauth_states VALUES ('one', '{_MOMENT}')"))

    def kept(connection: Connection) -> tuple[list[Any], bool]:
        workspaces = connection.execute(text("SELECT workspace FROM installations")).scalars().all()
        return list(workspaces), inspect(connection).has_table("oauth_states")

    await on(empty_database, fill)
    await migrate(empty_database)
    assert await on(empty_database, kept) == (["T1"], False)
    await on(empty_database, lambda connection: downgrade(connection, "0009"))
    assert await on(empty_database, kept) == (["T1"], True)


async def test_programs_that_start_together_migrate_once(empty_database: str) -> None:
    await asyncio.gather(*(migrate(empty_database) for _ in range(4)))

    assert await pending(empty_database) == []


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    missing = await pending(empty_database)

    def half_way(connection: Connection) -> None:
        upgrade(connection)
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError):
        await on(empty_database, half_way)

    assert await on(empty_database, schema) == {}
    assert await pending(empty_database) == missing
