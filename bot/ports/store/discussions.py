"""Discussions of papers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context
from bot.domain.history import HistoryEntry
from bot.domain.message import DiscussionThread, MessageRef


class Discussions(Protocol):
    """Threads about papers, and the history of a channel."""

    async def open(self, context: Context, paper_id: int, message: MessageRef, at: datetime) -> None:
        """Record that a message starts a discussion of a paper. Doing it twice changes nothing."""
        ...

    async def comment(self, context: Context, message: MessageRef, at: datetime) -> int | None:
        """Count a message in a paper's thread once. Returns the paper, or None outside such threads.

        A reply under a card that shows one paper opens a discussion of it.
        """
        ...

    async def latest_thread(
        self, channel_id: int, paper_id: int, exclude: str | None
    ) -> DiscussionThread | None:
        """Return the channel's latest discussion of a paper that has comments.

        Leaves out the thread under the message `exclude`.
        """
        ...

    async def threads(
        self, channel_ids: Collection[int], paper_id: int
    ) -> Mapping[int, Sequence[DiscussionThread]]:
        """Return a paper's discussions by channel, the latest first. Channels without any are left out."""
        ...

    async def history(self, channel_id: int, limit: int, offset: int) -> tuple[list[HistoryEntry], int]:
        """Return a page of the papers that the channel has dealt with, latest first, and how many there are.

        A list that somebody shared does not count for its papers. A digest's overview does.
        """
        ...
