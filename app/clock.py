"""The computer's clock."""

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """The time as the computer has it."""

    def now(self) -> datetime:
        """Give the time now, in UTC with its zone."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        await asyncio.sleep(seconds)
