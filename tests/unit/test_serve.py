"""What a process does when one of its loops ends, which none should."""

import asyncio
from types import SimpleNamespace

import pytest
from aiohttp import web

from app.serve import _served, work_until
from app.settings import Settings
from tests.e2e.test_processes import free_port


class Loop:
    """Works until it is stopped, or fails."""

    def __init__(self, failure=None):
        self.failure = failure
        self.ended = False

    async def run(self):
        if self.failure:
            raise self.failure
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def test_a_loop_that_fails_ends_the_process_and_the_other_loops_in_order():
    parts = SimpleNamespace(worker=Loop(), ingest=Loop(RuntimeError("a fault of ours")))
    with pytest.RaisesGroup(RuntimeError):
        await work_until(asyncio.Event(), parts, fetching=True)
    assert parts.worker.ended


async def test_asked_to_stop_all_loops_end_in_order():
    parts = SimpleNamespace(worker=Loop(), ingest=Loop())
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    await work_until(stop, parts, fetching=True)
    assert parts.worker.ended
    assert parts.ingest.ended


async def test_half_a_request_does_not_keep_a_process_that_stops(monkeypatch):
    monkeypatch.setattr("app.serve.REQUEST_SECONDS", 0.1)
    begun = asyncio.Event()

    async def read(request):
        begun.set()
        return web.Response(body=await request.read())

    port = free_port()
    async with asyncio.timeout(10):
        async with _served(Settings(host="127.0.0.1", port=port), [web.post("/", read)]):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            await begun.wait()
    writer.close()
