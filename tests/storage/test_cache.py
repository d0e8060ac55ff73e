import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage.shared.cache import LocalCache
from storage.shared.redis_cache import RedisCache
from tests.servers.databases import RedisServer

LONG = 600.0


@pytest.fixture(params=["local", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "local":
        yield LocalCache()
        return
    kept = RedisCache(request.getfixturevalue("shared_redis").url, request.node.name)
    yield kept
    await kept.close()


async def test_what_is_put_is_there_until_it_is_dropped(cache: Any) -> None:
    assert await cache.get("paper") is None
    await cache.put("paper", b"\x00one", LONG)
    await cache.put("paper", b"two", LONG)
    await cache.put("nothing", b"", LONG)
    assert (await cache.get("paper"), await cache.get("nothing")) == (b"two", b"")
    await cache.drop("paper")
    await cache.drop("never there")
    assert (await cache.get("paper"), await cache.get("nothing")) == (None, b"")


async def test_what_expires_is_gone(cache: Any) -> None:
    await cache.put("paper", b"two", 0.001)
    await cache.put("another", b"one", LONG)
    for _ in range(1_000_000):
        if await cache.get("paper") is None:
            break
    assert (await cache.get("paper"), await cache.get("another")) == (None, b"one")


async def test_a_process_keeps_what_was_used_last() -> None:
    now = 0.0
    cache = LocalCache(10, clock=lambda: now)
    for key in ("one", "two", "three"):
        await cache.put(key, b"1234", LONG)
    assert [await cache.get(key) for key in ("one", "two", "three")] == [None, b"1234", b"1234"]
    await cache.put("three", b"longer than ten", LONG)
    assert [await cache.get(key) for key in ("two", "three")] == [b"1234", None]
    now = LONG
    assert await cache.get("two") is None


async def test_processes_share_a_cache(shared_redis: RedisServer) -> None:
    one, two = [RedisCache(shared_redis.url, "shared") for _ in range(2)]
    await one.put("paper", b"two", LONG)
    assert await two.get("paper") == b"two"
    for each in (one, two):
        await each.close()


async def test_without_its_server_nothing_is_cached(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage.shared.redis_cache")
    cache = RedisCache(own_redis.url, backoff=0.0)
    await cache.put("paper", b"two", LONG)
    own_redis.stop()
    assert await cache.get("paper") is None
    await cache.put("paper", b"two", LONG)
    await cache.drop("paper")
    own_redis.start()
    assert await cache.get("paper") is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]
    await cache.close()


async def test_a_server_that_has_not_answered_is_let_be_for_a_while(own_redis: RedisServer) -> None:
    cache = RedisCache(own_redis.url, backoff=LONG)
    own_redis.stop()
    assert await cache.get("paper") is None
    own_redis.start()
    await cache.put("paper", b"two", LONG)
    other = RedisCache(own_redis.url)
    assert await other.get("paper") is None, "nobody asked the server meanwhile"
    for each in (cache, other):
        await each.close()
