"""Events that were received."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Origin


class Inbox(Protocol):
    """Which events have been taken."""

    async def add(self, origin: Origin, event_id: str, now: datetime) -> bool:
        """Take an event; False if it was taken before."""
        ...

    async def sweep(self, before: datetime) -> int:
        """Forget events that were taken before then and say how many that were."""
        ...
