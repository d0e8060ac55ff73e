"""Several processes that call one Slack: what one is told all of them keep to."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from adapters.slack import SLACK
from adapters.slack.outbound.client import Clients, delivery_errors, new_session
from adapters.slack.outbound.surface import SlackSurface
from app.clock import SystemClock
from bot.domain.channel import Channel
from bot.domain.errors import NotSent
from bot.posting.clocks import PlatformClock
from bot.posting.pacing import Pacer
from bot.protocol.replies import Notice
from storage.shared.rate_limits import LocalRateLimiter
from storage.shared.redis_rate_limits import RedisRateLimiter
from tests.servers.databases import redis_server
from tests.servers.slack.faults import rate_limited
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import TEAM

PAPERS, DIRECT = "C1PAPERS", "U1ADA"
HELLO = Notice("Hello.")
PROCESSES = 2


@dataclass
class Process:
    """One process's side of Slack."""

    clients: Clients
    surface: SlackSurface

    @property
    def name(self) -> str:
        return str(id(self))

    async def post(self, token: str) -> None:
        channel = Channel(1, 1, SLACK, TEAM, PAPERS, "#papers")
        await self.surface.send(channel, HELLO, token, None)


@pytest.fixture
async def slack():
    async with SlackServer(clock=time.time) as server:
        yield server


@pytest.fixture
def redis():
    with redis_server() as server:
        yield server


@pytest.fixture
async def start(slack):
    """Make processes with these limiters."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(new_session())

        async def token(_workspace: str) -> str:
            return slack.bot_token

        def started(limiter) -> Process:
            clients = Clients(
                session, slack.base_url, token, Pacer("Slack", limiter), PlatformClock("Slack", SystemClock())
            )
            return Process(clients, SlackSurface(clients))

        yield started


@pytest.fixture(params=["local", "redis"])
async def processes(request, start):
    if request.param == "local":
        limiter = LocalRateLimiter()
        yield [start(limiter) for _ in range(PROCESSES)]
        return
    url = request.getfixturevalue("redis").url
    limiters = [RedisRateLimiter(url) for _ in range(PROCESSES)]
    yield [start(limiter) for limiter in limiters]
    for limiter in limiters:
        await limiter.close()


async def test_a_channel_has_one_message_a_second_of_all_together(slack, processes):
    slack.rates.on = True
    await asyncio.gather(
        *(each.post(f"token-{number}-{turn}") for turn in range(2) for number, each in enumerate(processes))
    )
    assert len(slack.calls_of("chat.postMessage")) == len(slack.messages(PAPERS)) == 4, "none came too soon"


async def test_what_one_process_is_asked_to_wait_all_of_them_wait(slack, processes):
    one, other = processes
    slack.faults.next("chat.postMessage", rate_limited(600))
    with pytest.raises(NotSent):
        await one.post("first")
    with pytest.raises(NotSent) as caught:
        await other.post("second")
    assert 590 < caught.value.retry_after <= 600
    assert len(slack.calls_of("chat.postMessage")) == 1, "the other did not even ask"
    async with delivery_errors():
        await (await other.clients.without_retries(TEAM)).auth_test()
        await (await other.clients.without_retries("T2OTHER")).chat_postMessage(
            channel=PAPERS, text="elsewhere"
        )


async def test_answers_to_people_do_not_wait_and_posts_leave_them_room(slack, processes):
    one, other = processes
    slack.rates.on = True
    client = await one.clients.for_replies(TEAM)
    async with delivery_errors():
        await client.chat_postMessage(channel=PAPERS, text="An answer.")
    await one.clients.hold_channel(TEAM, PAPERS)
    await other.post("token")
    assert len(slack.calls_of("chat.postMessage")) == len(slack.messages(PAPERS)) == 2


async def persist(process: Process, *tokens: str) -> None:
    """Post as the outbox does: whatever was certainly not taken goes out later."""
    for token in tokens:
        while True:
            try:
                await process.post(token)
                break
            except NotSent as failure:
                await asyncio.sleep(failure.retry_after or 0.1)


async def test_redis_that_is_killed_and_started_again_slows_down_and_changes_nothing(
    slack, start, redis, caplog
):
    caplog.set_level(logging.INFO, "storage.shared.redis_rate_limits")
    slack.rates.on = True
    async with AsyncExitStack() as stack:
        limiters = [RedisRateLimiter(redis.url, backoff=0.0) for _ in range(PROCESSES)]
        for limiter in limiters:
            stack.push_async_callback(limiter.close)
        processes = [start(limiter) for limiter in limiters]
        working = asyncio.gather(
            *(persist(each, *(f"{each.name}-{turn}" for turn in range(3))) for each in processes)
        )
        await slack.until(lambda: len(slack.messages(PAPERS)) >= 2)
        redis.stop()
        await working
        redis.start()
        await asyncio.gather(*(persist(each, f"{each.name}-last") for each in processes))
    tokens = slack.counted("token")
    assert (len(tokens), set(tokens.values())) == (4 * PROCESSES, {1})
    messages = [record.getMessage() for record in caplog.records]
    assert sum(text.startswith("Redis does not answer") for text in messages) == PROCESSES
    assert sum(text.startswith("Redis answers again") for text in messages) == PROCESSES
