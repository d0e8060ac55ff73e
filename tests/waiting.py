"""Waiting for what another process or task brings about.

A test waits for an event, a lock or a condition. An amount of time would prove nothing on a busy machine.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

DEADLINE = 60.0
"""Seconds; far more than anything takes, so that only what never comes fails."""
PAUSE = 0.02
"""Seconds between two looks."""


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most until the deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "the deadline is past"
        time.sleep(PAUSE)


async def eventually(condition: Callable[[], Any | Awaitable[Any]]) -> Any:
    """Wait in a loop for a condition, at most until the deadline, and give what made it true."""
    async with asyncio.timeout(DEADLINE):
        while True:
            found = condition()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(PAUSE)
