"""One id for all that an event or a request leads to."""

import asyncio
from types import SimpleNamespace

import httpx
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.common.tasks import TaskTracker
from adapters.discord.inbound.listeners import Listeners
from app.http.server import served
from bot.conversation.batching import Batcher
from bot.protocol.request_id import request, request_id


async def test_tasks_keep_the_id_in_which_they_were_begun():
    gate = asyncio.Event()

    async def work():
        await gate.wait()
        return request_id()

    with request() as one:
        first = asyncio.create_task(work())
    with request() as other:
        second = asyncio.create_task(work())
    assert request_id() == ""
    gate.set()
    assert [await first, await second] == [one, other]
    assert one != other


def test_inside_a_request_there_is_no_other():
    with request() as one:
        with request() as inner:
            assert inner == one == request_id()
        assert request_id() == one


async def test_a_batch_of_several_requests_has_the_id_of_none():
    seen = []

    async def work(items):
        seen.append(request_id())
        return items

    batched = Batcher(work, 10)
    with request() as one:
        assert await batched(1) == 1
        assert request_id() == one
    assert seen == [""]


async def test_each_http_request_has_its_own():
    async def answer(_request):
        return PlainTextResponse(request_id())

    async with (
        served("127.0.0.1", 0, [Route("/", answer)]) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        seen = {(await client.get("/")).text for _ in range(3)}
    assert len(seen) == 3
    assert "" not in seen


async def test_each_event_of_discord_has_its_own():
    seen = []

    async def handle(_payload):
        seen.append(request_id())

    tasks = TaskTracker("Discord")
    listeners = Listeners(None, None, None, SimpleNamespace(handle=handle), tasks)
    for _ in range(3):
        listeners.dispatch("INTERACTION_CREATE", {})
    await tasks.settle()
    assert len(set(seen)) == 3
    assert "" not in seen
    assert request_id() == ""
