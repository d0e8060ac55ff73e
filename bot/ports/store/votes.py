"""Votes."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context
from bot.domain.paper import RankedPaper
from bot.domain.vote import Vote, VoteSource


class Votes(Protocol):
    """Votes as observations; the one vote a person, paper and channel is the latest of them that stands.

    A command's or a button's vote stands until the next one; `Vote.NONE` retracts all that the person has
    said before.
    """

    async def cast(
        self, context: Context, paper_id: int, value: Vote, source: VoteSource, at: datetime
    ) -> None:
        """Record a vote by command or button."""
        ...

    async def leaders(
        self, channel_id: int, since: datetime | None, limit: int, offset: int
    ) -> tuple[list[RankedPaper], int]:
        """Papers with votes in the channel, best score first, and how many there are."""
        ...
