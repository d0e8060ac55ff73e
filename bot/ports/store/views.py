"""Lists that are turned page by page."""

from datetime import datetime
from typing import Protocol

from bot.domain.history import View


class Views(Protocol):
    """Lists as somebody saw them."""

    async def put(self, *views: View) -> None:
        """Keep views until they expire."""
        ...

    async def get(self, view_id: str, now: datetime) -> View | None:
        """Give a view that has not expired."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Drop what has expired and say how many that were."""
        ...
