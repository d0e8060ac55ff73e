"""Wakes workers in all processes when there is work, over Redis."""

import asyncio
import logging
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from storage.shared.redis_health import ANSWER_SECONDS, REDIS_ERRORS, RedisHealth

_Entries = dict[str, list[tuple[str, dict[str, str]]]]
"""What the client reads: entries with their ids, by stream."""

_log = logging.getLogger(__name__)


class RedisWakeup:
    """Wake-ups across all processes that share a Redis server.

    A Redis stream with one entry, not pub/sub: a process also gets the wake-up that came just before it
    listened. While Redis is down, waits last their full time and nothing else is lost.
    """

    def __init__(
        self, url: str, name: str = "paperclub:wakeup", answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=answer_seconds,
            # Reads block for as long as `wait` asks; its own time-out ends those that hang.
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            legacy_responses=False,
        )
        self._name = name
        self._answer_seconds = answer_seconds
        self._last_id = "0-0"
        self._redis_health = RedisHealth(_log, "other processes are woken late")

    async def wake(self) -> None:
        """Wake whoever waits, in all processes."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                await self._redis.xadd(self._name, {"ring": 1}, maxlen=1, approximate=False)
        except REDIS_ERRORS as error:
            self._redis_health.record_failure(error)
        else:
            self._redis_health.record_success()

    async def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for a wake-up. Returns whether one came."""
        end = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout(seconds + self._answer_seconds):
                streams = cast(
                    "_Entries",
                    await self._redis.xread({self._name: self._last_id}, block=max(1, int(seconds * 1000))),
                )
        except REDIS_ERRORS as error:
            self._redis_health.record_failure(error)
            await asyncio.sleep(end - asyncio.get_running_loop().time())
            return False
        self._redis_health.record_success()
        for entries in streams.values():
            self._last_id = entries[-1][0]
        return bool(streams)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
