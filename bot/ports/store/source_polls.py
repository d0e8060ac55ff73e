"""When each source is polled."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.source import SourcePoll


class SourcePolls(Protocol):
    """When each source is polled: by one process at a time, under a lease."""

    async def claim(self, name: str, worker: str, now: datetime, until: datetime) -> SourcePoll | None:
        """Claim a source's poll until `until`. None if it is not due or another worker has claimed it."""
        ...

    async def extend_lease(self, name: str, worker: str, until: datetime) -> bool:
        """Extend a lease. Returns False if it ran out and another worker has claimed the poll."""
        ...

    async def finish(self, poll: SourcePoll, worker: str, due: datetime) -> None:
        """Store how a poll went and when the next is due. Does nothing if the lease is lost."""
        ...

    async def all(self) -> list[SourcePoll]:
        """Return all polls, by source name."""
        ...

    async def to_check(self, source: str, before: datetime, limit: int) -> list[int]:
        """Return up to `limit` papers to ask the source about, as people have dealt with them.

        Leaves out papers that it was asked about since `before`. Those never asked about come first, then the
        longest ago.
        """
        ...

    async def to_look_up(self, source: str, before: datetime, limit: int) -> list[int]:
        """Return up to `limit` open papers without an identifier that were not looked up since `before`.

        Same order as `to_check`.
        """
        ...

    async def mark_checked(self, source: str, paper_ids: Collection[int], now: datetime) -> None:
        """Record that a source was asked about these papers at `now`."""
        ...
