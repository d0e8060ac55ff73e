"""A cache that all processes share over Redis."""

import logging

from storage.shared.redis_health import (
    BACKOFF_SECONDS,
    QUICK_SECONDS,
    REDIS_ERRORS,
    RedisHealth,
    fail_fast_client,
)

_log = logging.getLogger(__name__)


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
