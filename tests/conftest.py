"""What holds for all tests."""

import asyncio
import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

import app.sources  # noqa: F401 - registers the sources, so that papers are merged as in the program
from storage.sql.migrations import migrate
from tests.servers.databases import PostgresServer, postgres_server

# Whatever stands in a file `.env` here is for who runs the bot.
os.environ["PAPERCLUB_ENV_FILE"] = os.devnull

# Each commit to a SQLite file waits for the disk, unless the file is in memory.
IN_MEMORY = Path("/dev/shm")
if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > 4 * 2**30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

settings.register_profile("unhurried", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database without rows, to be copied."""
    file = tmp_path_factory.mktemp("template") / "paperclub.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Let what a program makes once in its life be made once for all programs that tests start.

    Each test opens engines and HTTP clients of its own. Without this, each would compile the same statements
    and read the same certificates, which took a fifth of the whole run.
    """
    with pytest.MonkeyPatch.context() as patch:
        _share_statements(patch)
        patch.setattr(httpx, "create_ssl_context", functools.cache(httpx.create_ssl_context))
        yield


def _share_statements(patch: pytest.MonkeyPatch) -> None:
    """Let all engines have one cache of compiled statements, as they would if they were one engine.

    The dialect is a part of the cache's key. Those of a kind are all set up alike, so they are equal here.
    """
    compiled, init = LRUCache(2000), Engine.__init__

    def sharing(self: Engine, *arguments: object, **named: object) -> None:
        init(self, *arguments, **named)
        self._compiled_cache = compiled

    patch.setattr(Engine, "__init__", sharing)
    for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
        patch.setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(dialect, "__hash__", lambda one: hash(type(one)))
