"""What a channel and a person have done with a paper."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.vote import PaperStatus


class PaperStatuses(Protocol):
    """What stands beside a paper in a list."""

    async def get(
        self, channel_id: int, paper_ids: Collection[int], person_id: int | None = None
    ) -> dict[int, PaperStatus]:
        """Each paper's marks in a channel, in few queries; a person's own vote and saves only if asked."""
        ...

    async def get_for_each(
        self, asked: Sequence[tuple[int, Collection[int], int | None]]
    ) -> list[dict[int, PaperStatus]]:
        """The same for several askers: each a channel, papers and perhaps a person."""
        ...
