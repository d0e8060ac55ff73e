"""One set of tests, two databases: a SQLite file and PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.sql.migrations import migrate
from storage.sql.store import SqlStore
from tests.servers.databases import RedisServer, redis_server


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/paperclub.db"
    else:
        async with request.getfixturevalue("postgres").empty_database() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> AsyncIterator[str]:
    """The address of a migrated database without rows."""
    if request.param == "sqlite":
        file = shutil.copy(migrated_file, tmp_path)
        yield f"sqlite:///{file}"
    else:
        async with request.getfixturevalue("postgres").database(migrate) as url:
            yield url


@pytest.fixture
async def store(database: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(database)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server
