"""Adding papers."""

from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.paper import Contradiction, Outcome, PaperDraft, Update


@dataclass(frozen=True, slots=True)
class AddReport:
    """What adding drafts did: the paper ids with their outcomes, in the order of the drafts."""

    stored: tuple[tuple[int, Outcome], ...]
    updates: tuple[Update, ...] = ()
    """What changed, each paper once."""
    contradictions: tuple[Contradiction, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """Return how many drafts had this outcome."""
        return sum(1 for _, each in self.stored if each is outcome)


class Library(Protocol):
    """Adds papers: stored, embedded and searchable."""

    async def add(
        self,
        drafts: Iterable[PaperDraft] | AsyncIterable[PaperDraft],
        progress: Callable[[int], None] | None = None,
        team_id: int | None = None,
    ) -> AddReport:
        """Add drafts in batches. A crash leaves each paper added whole or not at all.

        Without a team, the drafts are an open source's. With a team, they are what its people said.
        `progress` gets the number of drafts after each batch.
        """
        ...

    async def refresh(self) -> int:
        """Update this process's index from the store. Returns how many papers were read."""
        ...

    async def encode_anew(self) -> bool:
        """Encode the next papers of which only an earlier encoder's vectors are stored, if there are any.

        Returns False once none is left. The next `refresh` lets searches use the new vectors.
        """
        ...
