"""Several processes that call one Discord: what one is told all of them keep to."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from adapters.discord.outbound.client import Rest
from app.clock import SystemClock
from bot.domain.errors import NotSent
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from storage.shared.rate_limits import LocalRateLimiter
from storage.shared.redis_rate_limits import RedisRateLimiter
from tests.servers.databases import redis_server
from tests.servers.discord import faults
from tests.servers.discord.faults import Bucket
from tests.servers.discord.state import PAPERS, READING

CREATE = "POST /channels/{channel_id}/messages"
READ = "GET /channels/{channel_id}"


@pytest.fixture(params=["local", "redis"])
async def processes(request, timely_server):
    async with AsyncExitStack() as stack:
        if request.param == "local":
            limiters = [LocalRateLimiter()] * 2
        else:
            url = stack.enter_context(redis_server()).url
            limiters = [RedisRateLimiter(url) for _ in range(2)]
            for limiter in limiters:
                stack.push_async_callback(limiter.close)
        address = timely_server.api, timely_server.gateway_url
        yield [
            await stack.enter_async_context(
                Rest(
                    timely_server.token,
                    *address,
                    Pacer("Discord", limiter),
                    PlatformClock("Discord", SystemClock()),
                )
            )
            for limiter in limiters
        ]


async def post(rest, channel=PAPERS):
    return await rest.call(
        "POST", "/channels/{channel_id}/messages", channel_id=str(channel), body={"content": "hello"}
    )


async def read(rest):
    return await rest.call("GET", "/channels/{channel_id}", channel_id=str(PAPERS))


def statuses(server, route=CREATE):
    return [call.status for call in server.calls_of(route)]


async def test_a_bucket_that_one_process_has_emptied_no_other_asks(timely_server, processes):
    timely_server.rates.on = True
    timely_server.rates.buckets[CREATE] = Bucket(2, 0.5)
    for turn in range(6):
        await post(processes[turn % 2])
    assert statuses(timely_server) == [200] * 6


async def test_what_one_process_is_asked_to_wait_all_of_them_wait(timely_server, processes):
    one, other = processes
    await read(other)
    timely_server.faults.next(CREATE, faults.rate_limited(600))
    with pytest.raises(NotSent):
        await post(one)
    with pytest.raises(NotSent) as caught:
        await post(other)
    assert 590 < caught.value.retry_after <= 600
    assert statuses(timely_server) == [429], "the other did not even ask"
    await read(other)
    await post(other, READING)


async def test_fifty_calls_a_second_of_all_together(processes):
    for each in processes:
        await read(each)
    began = time.monotonic()
    await asyncio.gather(*(read(processes[turn % 2]) for turn in range(30)))
    assert time.monotonic() - began >= 29 / 50 - 0.02
