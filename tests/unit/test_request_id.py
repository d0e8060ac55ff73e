"""One id for all that an event or a request leads to."""

import asyncio

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
