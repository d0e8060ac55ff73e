"""Events that the bot has received."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Origin


class Inbox(Protocol):
    """The ids of received events, so that an event which is delivered twice is handled once."""

    async def add(self, origin: Origin, event_id: str, now: datetime) -> bool:
        """Record an event. Returns False if it was recorded before."""
        ...

    async def sweep(self, before: datetime) -> int:
        """Delete events received before `before`. Returns how many."""
        ...
