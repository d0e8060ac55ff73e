"""Wakes workers inside one process when there is work."""

import asyncio


class LocalWakeup:
    """Wake-ups inside a single process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wake(self) -> None:
        """Wake whoever waits."""
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for a wake-up. Returns whether one came."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
