"""The bell that tells a worker of something to do: inside one process, or between several over Redis."""

import asyncio
import logging
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from storage.shared.redis_health import ANSWER_SECONDS, LOST, RedisHealth

_Rings = dict[str, list[tuple[str, dict[str, str]]]]
"""What a client that decodes, and gives no legacy responses, reads: entries with their ids, by stream."""

_log = logging.getLogger(__name__)


class LocalWakeup:
    """The bell of a single process."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    async def wake(self) -> None:
        """Wake whoever waits."""
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring for so many seconds; whether one came."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class RedisWakeup:
    """The bell of all processes that share a Redis server.

    It is a stream that keeps its last entry, so every process hears each ring, also one that came before it
    listened. Without the server nothing is wrong: waits just last their full time.
    """

    def __init__(
        self, url: str, name: str = "paperclub:wakeup", answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        """Take the server's address; `answer_seconds` is how long it may take to answer."""
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=answer_seconds,
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            legacy_responses=False,
        )
        self._name = name
        self._answer_seconds = answer_seconds
        self._heard = "0-0"
        self._redis_health = RedisHealth(_log, "other processes are woken late")

    async def wake(self) -> None:
        """Wake whoever waits."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                await self._redis.xadd(self._name, {"ring": 1}, maxlen=1, approximate=False)
        except LOST as error:
            self._redis_health.lost(error)
        else:
            self._redis_health.there()

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring for so many seconds; whether one came."""
        end = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout(seconds + self._answer_seconds):
                rings = cast(
                    "_Rings",
                    await self._redis.xread({self._name: self._heard}, block=max(1, int(seconds * 1000))),
                )
        except LOST as error:
            self._redis_health.lost(error)
            await asyncio.sleep(end - asyncio.get_running_loop().time())
            return False
        self._redis_health.there()
        for entries in rings.values():
            self._heard = entries[-1][0]
        return bool(rings)

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()
