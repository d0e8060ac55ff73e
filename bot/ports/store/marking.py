"""What a channel and a person have done with a paper."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.domain.vote import Marks


class Marking(Protocol):
    """What stands beside a paper in a list."""

    async def marks(
        self, channel_id: int, paper_ids: Collection[int], person_id: int | None = None
    ) -> dict[int, Marks]:
        """Each paper's marks in a channel, in few queries; a person's own vote and saves only if asked."""
        ...

    async def marks_each(
        self, asked: Sequence[tuple[int, Collection[int], int | None]]
    ) -> list[dict[int, Marks]]:
        """The same for several askers: each a channel, papers and perhaps a person."""
        ...
