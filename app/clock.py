"""The computer's clock."""

import asyncio
import time
from datetime import UTC, datetime

# Linux leaves the time that the computer sleeps out of CLOCK_MONOTONIC, macOS does not.
_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The time as the computer has it."""

    def now(self) -> datetime:
        """Give the time now, in UTC with its zone."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds since the computer was started; sleep counts, and setting the clock changes nothing."""
        return time.clock_gettime(_COUNTER)

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        await asyncio.sleep(seconds)
