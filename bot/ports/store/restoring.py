"""Marks in a restored database."""

from datetime import date, datetime
from typing import Protocol


class Restoring(Protocol):
    """Marks in a database that was restored from a backup."""

    async def note(self, at: datetime, posted_through: date) -> None:
        """Remember a restore; no digest posts papers that arrived up to a day."""
        ...

    async def doubt_posts(self, now: datetime) -> int:
        """Let all posts that are open be looked for before anything else is done; how many they are."""
        ...

    async def keep_news_to_itself(self) -> int:
        """Take news for told that may have been told since; how many they are."""
        ...

    async def skip_numbers(self, count: int) -> None:
        """Give out none of the next numbers of rows: messages since then may carry them."""
        ...
