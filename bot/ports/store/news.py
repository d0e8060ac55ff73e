"""News of papers for those who discussed them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.paper import News


class PaperNews(Protocol):
    """News of papers, for the channels that discussed them."""

    async def record(self, news: Iterable[News], now: datetime) -> None:
        """Keep what has happened to papers until posts with it are planned."""
        ...

    async def is_pending(self) -> bool:
        """Whether there is news for which no posts are planned yet."""
        ...

    async def plan(self, now: datetime, limit: int) -> int:
        """Plan a post with each piece of news in the latest discussion of every channel that had one.

        How many pieces of news that were; each is planned once.
        """
        ...
