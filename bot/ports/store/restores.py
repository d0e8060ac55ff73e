"""What changes in a database after a restore from a backup."""

from datetime import date, datetime
from typing import Protocol


class Restores(Protocol):
    """Changes to a database that was just restored from a backup.

    The backup does not know what the bot posted after it was made. These keep it from posting that again.
    """

    async def record(self, at: datetime, posted_through: date) -> None:
        """Record a restore. Papers that arrived up to the day `posted_through` go into no digest."""
        ...

    async def mark_posts_unknown(self, now: datetime) -> int:
        """Mark all open posts as unknown, so that each is looked for first. Returns how many."""
        ...

    async def mark_news_delivered(self) -> int:
        """Mark pending news as delivered, since it may have been. Returns the number of rows."""
        ...

    async def skip_ids(self, count: int) -> None:
        """Leave the next `count` ids of each table unused.

        Messages posted after the backup may carry those ids in their buttons.
        """
        ...
