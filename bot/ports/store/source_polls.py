"""When which source is polled."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.source import SourcePoll


class SourcePolls(Protocol):
    """Who asks which source when: one process at a time, under a lease."""

    async def claim(self, name: str, worker: str, now: datetime, until: datetime) -> SourcePoll | None:
        """Take a source's asking on; None where it is not due, or is in other hands."""
        ...

    async def extend_lease(self, name: str, worker: str, until: datetime) -> bool:
        """Prolong a lease; False where it ran out and somebody else has taken it on."""
        ...

    async def finish(self, asking: SourcePoll, worker: str, due: datetime) -> None:
        """End an asking and say when it is due again. Nothing is changed where the lease is lost."""
        ...

    async def all(self) -> list[SourcePoll]:
        """Every asking, by name."""
        ...

    async def to_check(self, source: str, before: datetime, limit: int) -> list[int]:
        """Papers that people have dealt with and that a source was not asked about since `before`.

        Those that it was never asked about come first, then those that it was asked about longest ago.
        """
        ...

    async def to_look_up(self, source: str, before: datetime, limit: int) -> list[int]:
        """Open papers that have no identifier, and were not asked for since `before`; in the same order."""
        ...

    async def mark_checked(self, source: str, paper_ids: Collection[int], now: datetime) -> None:
        """Note that a source was asked about papers."""
        ...
