"""What a channel and a person have done with papers."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.vote import PaperStatus


class PaperStatuses(Protocol):
    """What a list displays beside a paper: votes, saves, discussions, posts."""

    async def get(
        self, channel_id: int, paper_ids: Collection[int], person_id: int | None = None
    ) -> dict[int, PaperStatus]:
        """Return each paper's status in a channel, by paper id.

        With a person, it has that person's own vote and whether they saved the paper.
        """
        ...

    async def get_for_each(
        self, requests: Sequence[tuple[int, Collection[int], int | None]]
    ) -> list[dict[int, PaperStatus]]:
        """Do what `get` does for several requests of channel, papers and person, in few queries."""
        ...
