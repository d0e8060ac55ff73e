"""Reading lists."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context


class Saved(Protocol):
    """People's own reading lists."""

    async def put(self, context: Context, paper_id: int, at: datetime) -> bool:
        """Save a paper. Returns False if it was saved before."""
        ...

    async def remove(self, context: Context, paper_id: int) -> bool:
        """Remove a paper. Returns False if it was not on the list."""
        ...

    async def page(self, context: Context, limit: int, offset: int) -> tuple[list[tuple[int, datetime]], int]:
        """Return a page of a person's saved papers with the times of saving, latest first, and the total."""
        ...
