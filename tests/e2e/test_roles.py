"""One gateway and two workers over PostgreSQL and Redis, each a process of its own."""

import asyncio
import json
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from subprocess import Popen
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from adapters.slack import SLACK
from app.settings import Settings
from app.surfaces import surfaces_set_up
from app.wiring import assembled
from bot.domain.errors import UserError
from storage.shared.redis_wakeup import RedisWakeup
from storage.sql.engine import make_engine
from storage.sql.migrations.history import MIGRATION_LOCK
from storage.sql.store import SqlStore
from tests.e2e.conftest import DRAFTS, SOURCE_URLS
from tests.e2e.slack_workspace import ADA, BEN, PAPERS, said
from tests.e2e.test_processes import free_port
from tests.servers.databases import redis_server
from tests.servers.slack.faults import ACCEPTED_THEN_SILENT
from tests.servers.slack.server import SlackServer
from tests.waiting import DEADLINE, eventually

TOPIC = "mixture of experts"
STOPS_WITHIN = 20.0
"""Seconds: what is under way may go on for 5, what people have begun for 10."""


@pytest.fixture
def redis():
    with redis_server() as server:
        yield server


@pytest.fixture
async def slack():
    async with SlackServer(clock=time.time) as server:
        yield server
        assert server.violations == []


@dataclass
class Process:
    """A process of a role."""

    running: Popen[str]
    port: int

    @property
    def health(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError:
            return {}

    async def is_alive(self) -> dict[str, Any]:
        """Wait until its loop has come round."""

        async def alive() -> dict[str, Any] | None:
            assert self.running.poll() is None, self.running.communicate()[0]
            health = await asyncio.to_thread(lambda: self.health)
            return health if health.get("alive") else None

        return await eventually(alive)

    async def stop(self) -> str:
        """Ask it to stop, and give what it wrote."""
        self.running.send_signal(signal.SIGTERM)
        output, _ = await asyncio.to_thread(self.running.communicate, timeout=STOPS_WITHIN)
        assert self.running.returncode == 0, output
        assert "Traceback" not in output
        return output


@dataclass
class Fleet:
    """Processes over the same servers."""

    process: Any
    slack: SlackServer
    store: SqlStore
    settings: dict[str, str]
    bell: RedisWakeup | None = None
    started: list[Process] = field(default_factory=list)

    def start(self, role: str, **more: str) -> Process:
        port = free_port()
        settings = self.settings | {"PAPERCLUB_PORT": str(port)} | more
        self.started.append(Process(self.process("run", "--role", role, **settings), port))
        return self.started[-1]

    async def gateway(self) -> Process:
        started = self.start("gateway", PAPERCLUB_SLACK_APP_TOKEN=self.slack.app_token)
        await started.is_alive()
        await self.slack.sockets.wait_for_connections(1)
        return started

    async def subscribe(self, channel: str) -> None:
        before = len(self.slack.messages(channel))
        await (await self.slack.command(ADA, channel, "/papers", f"subscribe {TOPIC}")).acked()
        await self.slack.until(lambda: len(self.slack.messages(channel)) > before)

    async def fall_due(self, after: timedelta = timedelta(seconds=-1)) -> None:
        """Let every slot's time come, or put it off."""
        async with self.store.writing() as tx:
            now = datetime.now(UTC)
            slots = {(each.channel.id, each.slot): now + after for each in await tx.schedule.all()}
            await tx.schedule.set_due(slots, now)
        await self.ring()

    async def ring(self) -> None:
        if self.bell is not None:
            await self.bell.wake()

    async def let_leases_run_out(self) -> None:
        """Let the time pass for which a post is its worker's."""
        engine = make_engine(self.settings["PAPERCLUB_DATABASE_URL"])
        async with engine.begin() as connection:
            past = {"past": datetime.now(UTC) - timedelta(seconds=1)}
            lease_over = "UPDATE posts SET lease_until = :past WHERE lease_until IS NOT NULL"
            await connection.execute(text(lease_over), past)
            await connection.execute(
                text("UPDATE queues SET next_at = :past WHERE next_at IS NOT NULL"), past
            )
        await engine.dispose()
        await self.ring()

    async def worker_at_work(self) -> int:
        """Wait until a post is a worker's; give the worker's process."""
        owner = await eventually(self._lease_owner)
        return int(owner.split(":")[-2])

    async def _lease_owner(self) -> str | None:
        engine = make_engine(self.settings["PAPERCLUB_DATABASE_URL"])
        async with engine.connect() as connection:
            found = await connection.execute(text("SELECT max(lease_owner) FROM posts"))
            owner = found.scalar()
        await engine.dispose()
        return owner

    def posted(self, channel: str) -> list[Any]:
        """What was posted there of digests."""
        return [one for one in self.slack.messages(channel) if one.metadata]

    def tokens(self) -> Counter[str]:
        return self.slack.counted("token")

    async def whole(self, channel: str, parts: int = 3) -> None:
        """Wait until a digest stands: its overview, and each paper."""
        await self.slack.until(lambda: len(self.posted(channel)) >= parts)


@pytest.fixture
def servers(postgres, redis):
    return postgres, redis


@pytest.fixture
async def fleet(process, slack, servers, tmp_path, embedder):
    postgres, redis = servers
    async with postgres.empty_database() as url:
        settings = Settings(database_url=url, data_dir=tmp_path / "data", redis_url=redis.url)
        async with assembled(settings, {}, embedder=embedder) as parts:
            await parts.library.add(DRAFTS)
        environment = {
            "PAPERCLUB_DATABASE_URL": url,
            "PAPERCLUB_REDIS_URL": redis.url,
            "PAPERCLUB_SLACK_BOT_TOKEN": slack.bot_token,
            "PAPERCLUB_SLACK_API_URL": slack.base_url,
            "PAPERCLUB_INGEST_MINUTES": "0",
            **{f"PAPERCLUB_{name.upper()}": "http://127.0.0.1:9" for name in SOURCE_URLS},
        }
        store, bell = SqlStore(url), RedisWakeup(redis.url)
        started = Fleet(process, slack, store, environment, bell)
        yield started
        await bell.close()
        await store.close()


@pytest.mark.timeout(300)  # three processes load the model, on whatever computer this is
async def test_a_gateway_listens_workers_post_and_one_takes_over_from_another(fleet, slack):
    gateway = await fleet.gateway()
    await fleet.subscribe(PAPERS)
    await fleet.fall_due()
    health = await gateway.is_alive()
    await fleet.ring()
    await slack.until(lambda: gateway.health["last_round"] > health["last_round"])
    assert health["role"] == "gateway"
    assert health["slack"] == "connected"
    assert "posts" not in health
    assert fleet.posted(PAPERS) == [], "what is due waits for a worker"

    await fleet.fall_due(timedelta(hours=1))
    workers = {each.running.pid: each for each in (fleet.start("worker"), fleet.start("worker"))}
    assert [(await each.is_alive())["role"] for each in workers.values()] == ["worker", "worker"]
    slack.faults.next("chat.postMessage", ACCEPTED_THEN_SILENT)
    await fleet.fall_due()
    await fleet.whole(PAPERS, parts=1)
    killed = workers.pop(await fleet.worker_at_work())
    killed.running.kill()
    await asyncio.to_thread(killed.running.wait)
    await fleet.let_leases_run_out()
    await fleet.whole(PAPERS)
    assert fleet.tokens() == dict.fromkeys(fleet.tokens(), 1)

    card = next(one for one in fleet.posted(PAPERS) if one.thread_ts)
    for number, person in enumerate((ADA, BEN), 1):
        await slack.react(person, card, "+1")
        await slack.until(lambda number=number: f"👍 {number}" in said(card))

    (survivor,) = workers.values()
    heard, worked = await asyncio.gather(gateway.stop(), survivor.stop())
    assert "Connected to Slack" in heard
    assert "Connected to Slack" not in worked
    assert len(fleet.tokens()) == 3
    async with fleet.store.reading() as tx:
        assert await tx.outbox.next_due([SLACK]) is None


def test_a_worker_needs_nothing_that_events_come_in_with(settings):
    worker = settings.model_copy(update={"slack_bot_token": SecretStr("xoxb-one")})
    with pytest.raises(UserError, match="events cannot come in"):
        surfaces_set_up(worker, listens=True)
    assert [each.platform for each in surfaces_set_up(worker)] == [SLACK]


async def test_asked_to_stop_while_it_starts_it_stops(process, postgres):
    async with postgres.empty_database() as url:
        engine = make_engine(url)
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            starting = Process(process("run", PAPERCLUB_DATABASE_URL=url, PAPERCLUB_PORT="0"), 0)
            waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

            async def is_held_up() -> bool:
                return bool((await connection.execute(waiting)).scalar())

            await eventually(is_held_up)
            assert "Stopped before it had begun" in await starting.stop()
        await engine.dispose()


def test_a_gateway_has_to_have_somebody_to_listen_to(process):
    running = process("run", "--role", "gateway", PAPERCLUB_PORT="0")
    output, _ = running.communicate(timeout=DEADLINE)
    assert running.returncode == 1
    assert "none is set up" in output
    assert "Traceback" not in output
