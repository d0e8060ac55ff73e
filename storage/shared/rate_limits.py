"""Turns at what may be done only so often, inside one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from cachetools import TLRUCache

from bot.domain.errors import TooBusy
from bot.ports.coordination import Pace

MAX_NAMES = 100_000
"""How many names one process remembers the next free moment of."""


def _time() -> float:
    return asyncio.get_running_loop().time()


class LocalRateLimiter:
    """Turns inside one process. Tests pass `pause` and `clock` so that nothing has to wait."""

    def __init__(
        self,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._pause = pause
        self._clock = clock or _time
        self._free: TLRUCache[str, float] = TLRUCache(MAX_NAMES, ttu=_until_free, timer=self._clock)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, name: str, pace: Pace, patience: float) -> AsyncGenerator[None]:
        """Wait for a turn. Turns come in the order of asking.

        Raises:
            TooBusy: the turn would not come within `patience` seconds.

        """
        async with AsyncExitStack() as stack:
            if pace.exclusive:
                try:
                    async with asyncio.timeout(patience):
                        await stack.enter_async_context(self._locks[name])
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
        """Give no turn for so many seconds."""
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
