"""A cache: inside one process, or shared by all processes over Redis."""

import logging
import time
from collections.abc import Callable

from cachetools import TLRUCache

from storage.shared.redis_health import (
    BACKOFF_SECONDS,
    QUICK_SECONDS,
    REDIS_ERRORS,
    RedisHealth,
    fail_fast_client,
)

MAX_BYTES = 64 * 1024 * 1024
"""Bytes that one process caches at most. The least recently used value goes first."""

_log = logging.getLogger(__name__)
_Entry = tuple[bytes, float]


class LocalCache:
    """The cache of a single process."""

    def __init__(self, max_bytes: int = MAX_BYTES, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries: TLRUCache[str, _Entry] = TLRUCache(
            max_bytes, ttu=_expires, timer=clock, getsizeof=lambda entry: len(entry[0])
        )

    async def get(self, key: str) -> bytes | None:
        """Return a value, None if it has expired or was dropped for room."""
        entry = self._entries.get(key)
        return entry and entry[0]

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for so many seconds. One larger than the whole cache is not stored."""
        self._entries.pop(key, None)
        if len(value) <= self._entries.maxsize:
            self._entries[key] = (value, seconds)

    async def drop(self, key: str) -> None:
        """Delete a value."""
        self._entries.pop(key, None)


class RedisCache:
    """The cache of all processes that share a Redis server. While Redis is down, it is empty."""

    def __init__(self, url: str, name: str = "paperclub:cache", backoff: float = BACKOFF_SECONDS) -> None:
        self._redis = fail_fast_client(url, QUICK_SECONDS)
        self._name = name
        self._redis_health = RedisHealth(_log, "nothing is cached", backoff)

    async def get(self, key: str) -> bytes | None:
        """Return a value, None if it has expired or Redis does not answer."""
        try:
            self._redis_health.require()
            value = await self._redis.get(self._key(key))
        except REDIS_ERRORS as error:
            self._redis_health.record_failure(error)
            return None
        self._redis_health.record_success()
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for so many seconds. Does nothing if Redis does not answer."""
        try:
            self._redis_health.require()
            await self._redis.set(self._key(key), value, px=max(1, int(seconds * 1000)))
        except REDIS_ERRORS as error:
            self._redis_health.record_failure(error)

    async def drop(self, key: str) -> None:
        """Delete a value."""
        try:
            self._redis_health.require()
            await self._redis.delete(self._key(key))
        except REDIS_ERRORS as error:
            self._redis_health.record_failure(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _key(self, key: str) -> str:
        return f"{self._name}:{key}"


def _expires(_key: str, entry: _Entry, now: float) -> float:
    return now + entry[1]
