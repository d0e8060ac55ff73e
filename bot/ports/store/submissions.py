"""Who brought which paper."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context


class Submissions(Protocol):
    """Who has brought which paper into a channel."""

    async def put(self, context: Context, paper_id: int, at: datetime) -> None:
        """Note that somebody has brought a paper in; twice is once."""
        ...
