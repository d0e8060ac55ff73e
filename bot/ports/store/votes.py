"""Votes."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context
from bot.domain.paper import RankedPaper
from bot.domain.vote import Vote, VoteSource


class Votes(Protocol):
    """Votes as observations. A person has one vote a paper and channel: the latest that has not ended.

    A vote by command or button stands until the next one. `Vote.NONE` retracts all earlier votes.
    """

    async def cast(
        self, context: Context, paper_id: int, value: Vote, source: VoteSource, at: datetime
    ) -> None:
        """Record a vote by command or button."""
        ...

    async def leaders(
        self, channel_id: int, since: datetime | None, limit: int, offset: int
    ) -> tuple[list[RankedPaper], int]:
        """Return a page of papers with votes in the channel, best score first, and how many there are."""
        ...
