"""A cache: inside one process, or one that all processes share over Redis."""

import logging
import time
from collections.abc import Callable

from cachetools import TLRUCache

from storage.shared.redis_health import LOST, QUICK_SECONDS, REST_SECONDS, RedisHealth, impatient

LARGEST = 64 * 1024 * 1024
"""Bytes that a process keeps by itself; what was not used for longest goes first."""

_log = logging.getLogger(__name__)
_Kept = tuple[bytes, float]


class LocalCache:
    """The cache of a single process."""

    def __init__(self, largest: int = LARGEST, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take how many bytes it may hold; tests give a `clock`."""
        self._kept: TLRUCache[str, _Kept] = TLRUCache(
            largest, ttu=_expires, timer=clock, getsizeof=lambda kept: len(kept[0])
        )

    async def get(self, key: str) -> bytes | None:
        """Give what was put there and has not expired."""
        kept = self._kept.get(key)
        return kept and kept[0]

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value for so many seconds; one that is larger than all there is room for is not kept."""
        self._kept.pop(key, None)
        if len(value) <= self._kept.maxsize:
            self._kept[key] = (value, seconds)

    async def drop(self, key: str) -> None:
        """Forget a value."""
        self._kept.pop(key, None)


class RedisCache:
    """The cache of all processes that share a Redis server; what does not answer has nothing."""

    def __init__(self, url: str, name: str = "paperclub:cache", rest: float = REST_SECONDS) -> None:
        """Take the server's address, and for how many seconds it is let be once it has not answered."""
        self._redis = impatient(url, QUICK_SECONDS)
        self._name = name
        self._redis_health = RedisHealth(_log, "nothing is cached", rest)

    async def get(self, key: str) -> bytes | None:
        """Give what was put there and has not expired."""
        try:
            self._redis_health.require()
            value = await self._redis.get(self._key(key))
        except LOST as error:
            self._redis_health.lost(error)
            return None
        self._redis_health.there()
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value for so many seconds."""
        try:
            self._redis_health.require()
            await self._redis.set(self._key(key), value, px=max(1, int(seconds * 1000)))
        except LOST as error:
            self._redis_health.lost(error)

    async def drop(self, key: str) -> None:
        """Forget a value."""
        try:
            self._redis_health.require()
            await self._redis.delete(self._key(key))
        except LOST as error:
            self._redis_health.lost(error)

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    def _key(self, key: str) -> str:
        return f"{self._name}:{key}"


def _expires(_key: str, kept: _Kept, now: float) -> float:
    return now + kept[1]
