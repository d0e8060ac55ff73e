"""Reading lists."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context


class Saved(Protocol):
    """People's own reading lists."""

    async def put(self, context: Context, paper_id: int, at: datetime) -> bool:
        """Save a paper; whether it was not saved before."""
        ...

    async def remove(self, context: Context, paper_id: int) -> bool:
        """Take a paper off; whether it was on the list."""
        ...

    async def page(self, context: Context, limit: int, offset: int) -> tuple[list[tuple[int, datetime]], int]:
        """A person's saved papers with their times, the latest first, and how many there are."""
        ...
