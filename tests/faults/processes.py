"""What runs in processes of its own: the platform, which is never killed, and the workers, which are."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import web
from redis.asyncio import Redis

import bot.posting.delivery
from app.serve import work_until
from app.settings import Settings
from app.wiring import Parts, assembled
from bot.domain.errors import UserError
from bot.ports.surface import Surface
from storage.shared.redis_rate_limits import RedisRateLimiter
from storage.sql.engine import unreachable
from tests.faults.gate import Gate, control
from tests.faults.pace import Pace
from tests.faults.platforms import PLATFORMS
from tests.papers.word_vectors import WordVectors

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """What the platform's process is told: its channels, its callers, and what they are to meet."""

    platform: str
    channels: tuple[str, ...]
    workers: int
    pace: Pace
    deck: tuple[str, ...]
    seed: int


def run_platform(stage: Stage, told: Connection) -> None:
    """Run the platform's server until the driver hangs up; tell it the server's and the control's address."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_platform(stage, told))


async def _platform(stage: Stage, told: Connection) -> None:
    platform = PLATFORMS[stage.platform]
    gate = Gate(platform, stage.pace, stage.deck, stage.seed)
    served = platform.server(stage.pace.timestamp, stage.channels, stage.workers, gate.middleware)
    async with served as server:
        runner = web.AppRunner(control(gate, server), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        told.send((platform.address(server), f"http://{host}:{port}"))
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(told.fileno(), ended.set)
        await ended.wait()
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker's process is told."""

    platform: str
    settings: Mapping[str, Any]
    pace: Pace
    without: str
    ahead: int
    """How many workers first post every other channel's digest ahead of its time, all at once; 0 is none.

    Those that come in the place of an ended one do not.
    """
    log: Path


def run_worker(job: Job) -> None:
    """Do what `paperclub run` does with its worker, in time that passes faster."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with job.log.open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    logging.basicConfig(level=logging.INFO)
    _hasten_redis(job.pace.rate)
    if job.without == "lease":
        bot.posting.delivery.LEASE_SECONDS = 0.0
    with asyncio.Runner(loop_factory=job.pace.loop) as runner:
        runner.run(_worker(job))


PLANNED_AT_ONCE = 10
"""Each takes a connection, and a process has fifteen."""
NOT_BEGUN = 3
"""How a worker ends that could not begin, as for want of a database; Python's own code for an error is 1."""


async def _worker(job: Job) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        try:
            parts = await stack.enter_async_context(_assembled(job))
            await parts.library.refresh()
            if job.ahead:
                await _plan_ahead(parts, job)
        except (UserError, *unreachable()):
            _log.exception("Not begun")
            sys.exit(NOT_BEGUN)
        await work_until(stop, parts)


@asynccontextmanager
async def _assembled(job: Job) -> AsyncIterator[Parts]:
    settings = Settings(**job.settings)
    async with PLATFORMS[job.platform].surfaces(settings) as real:
        blind = {platform: _Blind(surface) for platform, surface in real.items()}
        surfaces = blind if job.without == "look-up" else real
        async with assembled(settings, surfaces, job.pace, WordVectors()) as parts:
            yield parts


async def _plan_ahead(parts: Parts, job: Job) -> None:
    ready = job.log.with_suffix(".ready")
    if ready.exists():
        return
    ready.touch()
    while len(list(job.log.parent.glob("*.ready"))) < job.ahead:
        await parts.clock.sleep(0.1)
    async with parts.store.reading() as tx:
        slots = await tx.schedule.all()
    odd = [due for due in slots if due.channel.id % 2]
    for some in range(0, len(odd), PLANNED_AT_ONCE):
        await asyncio.gather(*(parts.planner.plan_now(due) for due in odd[some : some + PLANNED_AT_ONCE]))


class _Blind:
    """A surface that finds nothing, for the run that has to fail."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def __getattr__(self, name: str) -> Any:
        return getattr(self._surface, name)

    async def find(self, *_: object) -> None:
        return None


def _hasten_redis(rate: float) -> None:
    """Let Redis, which has the computer's time, wake those who wait and give turns as much earlier."""
    wait, made = Redis.xread, RedisRateLimiter.__init__

    async def xread(self: Any, streams: Any, count: int | None = None, block: int | None = None) -> Any:
        return await wait(self, streams, count, block and max(1, round(block / rate)))

    def __init__(self: Any, *settings: Any, **named: Any) -> None:  # noqa: N807 - it takes the place of one
        made(self, *settings, **named)
        reserve, hold = self._reserve, self._hold

        async def sooner(keys: Any, args: Any) -> float:
            return rate * float(await reserve(keys=keys, args=[round(each / rate) for each in args]))

        async def shorter(keys: Any, args: Any) -> None:
            await hold(keys=keys, args=[round(each / rate) for each in args])

        self._reserve, self._hold = sooner, shorter

    Redis.xread = xread
    RedisRateLimiter.__init__ = __init__
