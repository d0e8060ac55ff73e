"""News of papers for those who discussed them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.paper import News


class PaperNews(Protocol):
    """Changes of papers, for the channels that discussed them."""

    async def record(self, news: Iterable[News], now: datetime) -> None:
        """Store changes of papers until posts about them are planned."""
        ...

    async def is_pending(self) -> bool:
        """Whether there is news without planned posts."""
        ...

    async def plan(self, now: datetime, limit: int) -> int:
        """Plan posts for up to `limit` pieces of news. Returns how many pieces there were.

        Each goes once to the latest discussion of every channel that discussed the paper.
        """
        ...
