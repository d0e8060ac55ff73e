"""Result lists that people page through."""

from datetime import datetime
from typing import Protocol

from bot.domain.history import ResultList


class ResultLists(Protocol):
    """Result lists as somebody saw them, kept for their page buttons."""

    async def put(self, *result_lists: ResultList) -> None:
        """Store lists until they expire."""
        ...

    async def get(self, list_id: str, now: datetime) -> ResultList | None:
        """Return a list, None if it has expired or never was."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Delete expired lists. Returns how many."""
        ...
