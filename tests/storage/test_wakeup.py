import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage.shared.redis_wakeup import RedisWakeup
from storage.shared.wakeup import LocalWakeup
from tests.servers.databases import RedisServer

LONG = 30.0


@pytest.fixture(params=["local", "redis"])
async def bell(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "local":
        yield LocalWakeup()
        return
    wakeup = RedisWakeup(request.getfixturevalue("shared_redis").url, request.node.name)
    yield wakeup
    await wakeup.close()


async def test_a_ring_wakes_whoever_waits(bell: Any) -> None:
    waiting = asyncio.create_task(bell.wait(LONG))
    await asyncio.sleep(0)
    await bell.wake()
    assert await waiting


async def test_a_ring_while_nobody_waits_is_kept_once(bell: Any) -> None:
    await bell.wake()
    await bell.wake()
    assert await bell.wait(LONG)
    assert not await bell.wait(0.01)


async def test_without_a_ring_a_wait_ends_in_time(bell: Any) -> None:
    assert not await bell.wait(0.01)
    assert not await bell.wait(0)
    await bell.wake()
    assert await bell.wait(0)


async def test_a_wait_that_is_given_up_loses_no_ring(bell: Any) -> None:
    waiting = asyncio.create_task(bell.wait(LONG))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await bell.wake()
    assert await bell.wait(LONG)


async def test_every_process_hears_a_ring(shared_redis: RedisServer) -> None:
    one, two, three = [RedisWakeup(shared_redis.url, "every") for _ in range(3)]
    waiting = [asyncio.create_task(each.wait(LONG)) for each in (one, two)]
    await three.wake()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await three.wait(LONG), "and the one that rang, when it comes to wait"
    for each in (one, two, three):
        await each.close()


async def test_without_its_server_a_bell_is_silent_and_says_so_once(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage.shared.redis_wakeup")
    wakeup = RedisWakeup(own_redis.url)
    waiting = asyncio.create_task(wakeup.wait(0.2))
    await wakeup.wake()
    assert await waiting
    waiting = asyncio.create_task(wakeup.wait(0.2))
    own_redis.stop()
    assert not await waiting
    await wakeup.wake()
    assert not await wakeup.wait(0.01)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]

    own_redis.start()
    await wakeup.wake()
    assert await wakeup.wait(LONG)
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]
    await wakeup.close()


async def test_a_server_that_was_never_there_only_slows_down(caplog: pytest.LogCaptureFixture) -> None:
    wakeup = RedisWakeup("redis://127.0.0.1:1/0")
    began = asyncio.get_running_loop().time()
    assert not await wakeup.wait(0.05)
    assert asyncio.get_running_loop().time() - began >= 0.05
    await wakeup.wake()
    assert len(caplog.records) == 1
    await wakeup.close()
