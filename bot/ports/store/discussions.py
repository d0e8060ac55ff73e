"""Discussions."""

from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context
from bot.domain.history import HistoryEntry
from bot.domain.message import DiscussionThread, MessageRef


class Discussions(Protocol):
    """Talk about papers."""

    async def open(self, context: Context, paper_id: int, message: MessageRef, at: datetime) -> None:
        """Remember that a message opened a discussion of a paper."""
        ...

    async def comment(self, context: Context, message: MessageRef, at: datetime) -> int | None:
        """Count a message in a paper's thread, once, and give the paper; None outside such threads."""
        ...

    async def latest_thread(
        self, channel_id: int, paper_id: int, exclude: str | None
    ) -> DiscussionThread | None:
        """The latest discussion of a paper in a channel with comments, exclude the one under a message."""
        ...

    async def history(self, channel_id: int, limit: int, offset: int) -> tuple[list[HistoryEntry], int]:
        """What the channel has done with papers, the latest first, and how many papers there are.

        A list that somebody shared does nothing with its papers; a digest's overview does.
        """
        ...
