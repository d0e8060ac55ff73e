"""What a process does when one of its loops ends, which none should."""

import asyncio
from types import SimpleNamespace

import pytest

from app.serve import work_until


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
