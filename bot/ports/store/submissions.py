"""Who added which paper."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context


class Submissions(Protocol):
    """Who added which paper to a channel."""

    async def put(self, context: Context, paper_id: int, at: datetime) -> None:
        """Record that a person added a paper. Recording it twice changes nothing."""
        ...
