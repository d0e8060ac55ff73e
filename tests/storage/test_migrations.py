import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations import downgrade, migrate, pending, upgrade
from storage.sql.tables import Base


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
