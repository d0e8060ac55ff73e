"""Turns at what may be done only so often, across processes over Redis."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.domain.errors import TooBusy
from bot.ports.coordination import Pace
from storage.shared.rate_limits import LocalRateLimiter
from storage.shared.redis_health import (
    BACKOFF_SECONDS,
    QUICK_SECONDS,
    REDIS_ERRORS,
    RedisHealth,
    fail_fast_client,
)

MAX_TURN_SECONDS = 120.0
"""Seconds after which an exclusive turn ends by itself, such as that of a process that was killed."""

_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local wait = math.max(0, free - now - tonumber(ARGV[3]))
if wait <= tonumber(ARGV[2]) then
    local busy = free - now + tonumber(ARGV[1])
    if busy > 0 then redis.call('SET', KEYS[1], string.format('%d', now + busy), 'PX', busy) end
end
return wait
"""
"""Takes the free moment in KEYS[1] unless it is more than ARGV[2] ms away; the next is ARGV[1] ms later.

A script, because reading and writing has to be one step: two processes must not take the same moment.
ARGV[3] is the burst: who comes up to so many ms too early does not wait.
"""

_HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0))
if free > now then redis.call('SET', KEYS[1], string.format('%d', free), 'PX', free - now) end
"""

_log = logging.getLogger(__name__)


class RedisRateLimiter:
    """Turns across all processes that share a Redis server, by the server's clock.

    While Redis is down, each process keeps to the limits by itself.
    """

    def __init__(self, url: str, name: str = "paperclub:turns", backoff: float = BACKOFF_SECONDS) -> None:
        self._redis = fail_fast_client(url, QUICK_SECONDS)
        self._reserve = self._redis.register_script(_RESERVE)
        self._hold = self._redis.register_script(_HOLD)
        self._name = name
        self._local = LocalRateLimiter()
        self._redis_health = RedisHealth(
            _log, "each process keeps to the limits of others by itself", backoff
        )

    @asynccontextmanager
    async def turn(self, name: str, pace: Pace, patience: float) -> AsyncGenerator[None]:
        """Wait for a turn. Turns come in the order of asking, exclusive ones in any order.

        Raises:
            TooBusy: the turn would not come within `patience` seconds.

        """
        async with AsyncExitStack() as stack:
            try:
                self._redis_health.require()
                if pace.exclusive:
                    await stack.enter_async_context(self._exclusively(name, pace.interval, patience))
                wait = await self._next(name, pace, patience)
            except REDIS_ERRORS as error:
                self._redis_health.record_failure(error)
                await stack.enter_async_context(self._local.turn(name, pace, patience))
            else:
                self._redis_health.record_success()
                await asyncio.sleep(wait)
            yield

    async def hold(self, name: str, seconds: float) -> None:
        """Give no turn for so many seconds, in any process."""
        # Here first, so that the limit holds even if Redis goes down before the next turn.
        await self._local.hold(name, seconds)
        try:
            self._redis_health.require()
            await self._hold(keys=[self._key(name)], args=[int(seconds * 1000)])
        except REDIS_ERRORS as error:
            self._redis_health.record_failure(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _key(self, name: str) -> str:
        return f"{self._name}:{name}"

    @asynccontextmanager
    async def _exclusively(self, name: str, interval: float, patience: float) -> AsyncGenerator[None]:
        lock = self._redis.lock(f"{self._key(name)}:alone", timeout=MAX_TURN_SECONDS, sleep=0.05)
        if not await lock.acquire(blocking_timeout=patience):
            raise TooBusy(patience)
        try:
            yield
        finally:
            await self.hold(name, interval)
            # A lock that is not released ends after MAX_TURN_SECONDS.
            with contextlib.suppress(*REDIS_ERRORS):
                await lock.release()

    async def _next(self, name: str, pace: Pace, patience: float) -> float:
        saved = pace.burst * pace.interval
        limits_ms = [int(seconds * 1000) for seconds in (pace.interval, patience, saved)]
        wait = float(await self._reserve(keys=[self._key(name)], args=limits_ms)) / 1000
        if wait > patience:
            raise TooBusy(wait)
        return wait
