import asyncio
import logging
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from bot.domain.errors import TooBusy
from bot.ports.coordination import Pace
from storage.shared.rate_limits import LocalRateLimiter
from storage.shared.redis_rate_limits import RedisRateLimiter
from tests.servers.databases import RedisServer

LONG = 30.0
TICK = 0.002
"""Redis counts whole milliseconds."""


@pytest.fixture(params=["local", "redis"])
async def turns(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "local":
        yield LocalRateLimiter()
        return
    limiter = RedisRateLimiter(request.getfixturevalue("shared_redis").url, request.node.name)
    yield limiter
    await limiter.close()


@pytest.fixture
async def processes(shared_redis: RedisServer, request: pytest.FixtureRequest) -> AsyncIterator[list[Any]]:
    """Limiters as several processes have them."""
    limiters = [RedisRateLimiter(shared_redis.url, request.node.name) for _ in range(3)]
    yield limiters
    for limiter in limiters:
        await limiter.close()


async def ends(limiters: list[Any], pace: Pace) -> list[tuple[float, float]]:
    """When the turns of as many askers as there are limiters began and ended, in their order."""
    clock = asyncio.get_running_loop().time
    taken: list[tuple[float, float]] = []

    async def ask(limiter: Any) -> None:
        async with limiter.turn("arxiv", pace, LONG):
            began = clock()
            await asyncio.sleep(0.01)
            taken.append((began, clock()))

    await asyncio.gather(*map(ask, limiters))
    return sorted(taken)


async def test_turns_keep_their_distance(turns: Any) -> None:
    start = asyncio.get_running_loop().time()
    taken = await ends([turns] * 4, Pace(0.05))
    assert [began - start >= 0.05 * place - TICK for place, (began, _) in enumerate(taken)] == [True] * 4


async def test_turns_may_overlap(turns: Any) -> None:
    together = asyncio.Barrier(3)

    async def ask() -> None:
        async with turns.turn("arxiv", Pace(0.0), 0.0):
            await together.wait()

    async with asyncio.timeout(LONG):
        await asyncio.gather(*(ask() for _ in range(3)))


async def test_who_has_to_be_alone_keeps_its_distance_from_the_last_end(turns: Any) -> None:
    taken = await ends([turns] * 3, Pace(0.05, exclusive=True))
    assert all(later[0] - earlier[1] >= 0.05 - TICK for earlier, later in pairwise(taken))


async def test_names_have_turns_of_their_own(turns: Any) -> None:
    pace = Pace(LONG, exclusive=True)
    async with turns.turn("arxiv", pace, 0.0), turns.turn("openalex", pace, 0.0):
        pass


async def test_who_would_wait_too_long_is_told_at_once(turns: Any) -> None:
    async with turns.turn("arxiv", Pace(LONG), 1.0):
        pass
    with pytest.raises(TooBusy) as told:
        async with turns.turn("arxiv", Pace(LONG), 1.0):
            pass
    assert LONG - 1 < told.value.seconds <= LONG


async def test_who_asks_in_vain_takes_no_turn(turns: Any) -> None:
    async with turns.turn("arxiv", Pace(0.05), 0.0):
        pass
    for _ in range(3):
        with pytest.raises(TooBusy):
            async with turns.turn("arxiv", Pace(LONG), 0.0):
                pass
    async with turns.turn("arxiv", Pace(0.05), 1.0):
        pass


async def test_who_has_to_be_alone_does_not_wait_forever(turns: Any) -> None:
    pace = Pace(0.0, exclusive=True)
    async with turns.turn("arxiv", pace, 0.0):
        with pytest.raises(TooBusy):
            async with turns.turn("arxiv", pace, 0.06):
                pass


async def test_a_turn_ends_with_an_error_as_well(turns: Any) -> None:
    pace = Pace(0.0, exclusive=True)
    with pytest.raises(ZeroDivisionError):
        async with turns.turn("arxiv", pace, 0.0):
            raise ZeroDivisionError
    async with turns.turn("arxiv", pace, 0.1):
        pass


async def test_a_source_that_asks_for_rest_gets_it(turns: Any) -> None:
    await turns.hold("arxiv", LONG)
    await turns.hold("arxiv", 1.0)
    with pytest.raises(TooBusy, match="the next turn is in"):
        async with turns.turn("arxiv", Pace(0.0), 5.0):
            pass
    async with turns.turn("openalex", Pace(0.0), 0.0):
        pass


async def test_processes_share_their_turns(processes: list[Any]) -> None:
    taken = await ends(processes * 2, Pace(0.05, exclusive=True))
    assert all(later[0] - earlier[1] >= 0.05 - TICK for earlier, later in pairwise(taken))
    await processes[0].hold("arxiv", LONG)
    with pytest.raises(TooBusy):
        async with processes[1].turn("arxiv", Pace(0.0), 1.0):
            pass


async def test_without_its_server_a_process_keeps_to_the_limits_alone(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage.shared.redis_rate_limits")
    limiter = RedisRateLimiter(own_redis.url, backoff=0.0)
    async with limiter.turn("arxiv", Pace(0.0, exclusive=True), 1.0):
        own_redis.stop()
    await limiter.hold("arxiv", LONG)
    with pytest.raises(TooBusy):
        async with limiter.turn("arxiv", Pace(0.0), 1.0):
            pass
    async with limiter.turn("openalex", Pace(LONG), 0.0):
        pass
    assert [record.levelno for record in caplog.records] == [logging.WARNING]

    own_redis.start()
    async with limiter.turn("openalex", Pace(LONG), 0.0):
        pass
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]
    await limiter.close()


async def test_after_a_rest_some_begin_at_once_and_the_next_keep_their_distance(turns: Any) -> None:
    start = asyncio.get_running_loop().time()
    taken = await ends([turns] * 5, Pace(0.1, burst=2))
    earliest = [0.0, 0.0, 0.0, 0.1, 0.2]
    assert [began - start >= least - TICK for least, (began, _) in zip(earliest, taken, strict=True)] == [
        True
    ] * 5
    assert taken[2][0] - start < 0.1
    with pytest.raises(TooBusy):
        async with turns.turn("arxiv", Pace(LONG, burst=0), 0.0):
            pass
