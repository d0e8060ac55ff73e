"""Taking papers in."""

from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.domain.paper import Contradiction, Outcome, PaperDraft, Update


@dataclass(frozen=True, slots=True)
class AddReport:
    """What adding drafts came to: the papers' ids by outcome, in the order given."""

    stored: tuple[tuple[int, Outcome], ...]
    updates: tuple[Update, ...] = ()
    """What was changed, each paper once."""
    contradictions: tuple[Contradiction, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many drafts came to this."""
        return sum(1 for _, each in self.stored if each is outcome)


class Library(Protocol):
    """Taking papers in: stored, embedded and searchable."""

    async def add(
        self,
        drafts: Iterable[PaperDraft] | AsyncIterable[PaperDraft],
        progress: Callable[[int], None] | None = None,
        team_id: int | None = None,
    ) -> AddReport:
        """Take drafts in, in batches; each paper whole or not at all. `progress` hears of each batch.

        With a team they are what its people say, and open sources' without.
        """
        ...

    async def refresh(self) -> int:
        """Bring this process's index up to what the store holds; how many papers were read."""
        ...
