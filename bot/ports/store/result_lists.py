"""Lists that are turned page by page."""

from datetime import datetime
from typing import Protocol

from bot.domain.history import ResultList


class ResultLists(Protocol):
    """Lists as somebody saw them."""

    async def put(self, *result_lists: ResultList) -> None:
        """Keep views until they expire."""
        ...

    async def get(self, list_id: str, now: datetime) -> ResultList | None:
        """Give a view that has not expired."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Drop what has expired and say how many that were."""
        ...
