"""Marks in a restored database."""

from datetime import date, datetime
from typing import Protocol


class Restores(Protocol):
    """Marks in a database that was restored from a backup."""

    async def record(self, at: datetime, posted_through: date) -> None:
        """Remember a restore; no digest posts papers that arrived up to a day."""
        ...

    async def mark_posts_unknown(self, now: datetime) -> int:
        """Let all posts that are open be looked for before anything else is done; how many they are."""
        ...

    async def mark_news_delivered(self) -> int:
        """Take news for told that may have been told since; how many they are."""
        ...

    async def skip_ids(self, count: int) -> None:
        """Give out none of the next numbers of rows: messages since then may carry them."""
        ...
