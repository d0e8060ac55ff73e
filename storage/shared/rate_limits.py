"""Turns at what may be done only so often: inside one process, or among all that share a Redis server."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from cachetools import TLRUCache

from bot.domain.errors import TooBusy
from bot.ports.coordination import Pace
from storage.shared.redis_health import LOST, QUICK_SECONDS, REST_SECONDS, RedisHealth, impatient

LONGEST_TURN = 120.0
"""Seconds after which a turn that nobody has ended, such as one of a process that was killed, is over."""
MOST_NAMES = 100_000
"""So many moments one process remembers that are still to come."""

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
"""Take the moment in KEYS[1] unless it is over ARGV[2] ms away, and put the next one ARGV[1] ms later.

Whoever comes up to ARGV[3] ms too early need not wait.
"""

_HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0))
if free > now then redis.call('SET', KEYS[1], string.format('%d', free), 'PX', free - now) end
"""

_log = logging.getLogger(__name__)


def _time() -> float:
    return asyncio.get_running_loop().time()


class LocalRateLimiter:
    """Turns inside one process. `pause` and `clock` are given by tests, so that nobody has to wait."""

    def __init__(
        self,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._pause = pause
        self._clock = clock or _time
        self._free: TLRUCache[str, float] = TLRUCache(MOST_NAMES, ttu=_until_free, timer=self._clock)
        self._alone: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, name: str, pace: Pace, patience: float) -> AsyncGenerator[None]:
        """Wait for one's turn, in the order of asking.

        Raises:
            TooBusy: it would not come within `patience` seconds.

        """
        async with AsyncExitStack() as stack:
            if pace.exclusive:
                try:
                    async with asyncio.timeout(patience):
                        await stack.enter_async_context(self._alone[name])
                except TimeoutError:
                    raise TooBusy(patience) from None
            wait = self._reserve(name, pace, patience)
            if wait > 0:
                await self._pause(wait)
            try:
                yield
            finally:
                if pace.exclusive:
                    await self.hold(name, pace.interval)

    async def hold(self, name: str, seconds: float) -> None:
        """Let nobody's turn come before so many seconds have passed."""
        self._free[name] = max(self._clock() + seconds, self._free.get(name, 0.0))

    def _reserve(self, name: str, pace: Pace, patience: float) -> float:
        now = self._clock()
        free = max(now, self._free.get(name, now))
        wait = max(0.0, free - now - pace.burst * pace.interval)
        if wait > patience:
            raise TooBusy(wait)
        self._free[name] = free + pace.interval
        return wait


def _until_free(_name: str, free: float, _now: float) -> float:
    return free


class RedisRateLimiter:
    """Turns among all processes that share a Redis server, by the server's clock.

    While the server does not answer, each process has turns of its own.
    """

    def __init__(self, url: str, name: str = "paperclub:turns", rest: float = REST_SECONDS) -> None:
        """Take the server's address, and for how many seconds it is let be once it has not answered."""
        self._redis = impatient(url, QUICK_SECONDS)
        self._reserve = self._redis.register_script(_RESERVE)
        self._hold = self._redis.register_script(_HOLD)
        self._name = name
        self._own = LocalRateLimiter()
        self._redis_health = RedisHealth(_log, "each process keeps to the limits of others by itself", rest)

    @asynccontextmanager
    async def turn(self, name: str, pace: Pace, patience: float) -> AsyncGenerator[None]:
        """Wait for one's turn, in the order of asking, or in any order where one has to end first.

        Raises:
            TooBusy: it would not come within `patience` seconds.

        """
        async with AsyncExitStack() as stack:
            try:
                self._redis_health.require()
                if pace.exclusive:
                    await stack.enter_async_context(self._alone(name, pace.interval, patience))
                wait = await self._next(name, pace, patience)
            except LOST as error:
                self._redis_health.lost(error)
                await stack.enter_async_context(self._own.turn(name, pace, patience))
            else:
                self._redis_health.there()
                await asyncio.sleep(wait)
            yield

    async def hold(self, name: str, seconds: float) -> None:
        """Let nobody's turn come before so many seconds have passed."""
        await self._own.hold(name, seconds)
        try:
            self._redis_health.require()
            await self._hold(keys=[self._key(name)], args=[int(seconds * 1000)])
        except LOST as error:
            self._redis_health.lost(error)

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    def _key(self, name: str) -> str:
        return f"{self._name}:{name}"

    @asynccontextmanager
    async def _alone(self, name: str, interval: float, patience: float) -> AsyncGenerator[None]:
        lock = self._redis.lock(f"{self._key(name)}:alone", timeout=LONGEST_TURN, sleep=0.05)
        if not await lock.acquire(blocking_timeout=patience):
            raise TooBusy(patience)
        try:
            yield
        finally:
            await self.hold(name, interval)
            with contextlib.suppress(*LOST):
                await lock.release()

    async def _next(self, name: str, pace: Pace, patience: float) -> float:
        saved = pace.burst * pace.interval
        asked = [int(seconds * 1000) for seconds in (pace.interval, patience, saved)]
        wait = float(await self._reserve(keys=[self._key(name)], args=asked)) / 1000
        if wait > patience:
            raise TooBusy(wait)
        return wait
