"""The computer's clock."""

import asyncio
import time
from datetime import UTC, datetime

# On Linux, CLOCK_MONOTONIC stands still while the computer sleeps. On macOS it does not.
_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The time of this computer."""

    def now(self) -> datetime:
        """Return the time now, with UTC as its zone."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return the seconds since the computer started, asleep or not. It ignores changes of the clock."""
        return time.clock_gettime(_COUNTER)

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        await asyncio.sleep(seconds)
