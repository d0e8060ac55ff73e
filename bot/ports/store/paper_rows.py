"""The rows of papers, for the code that decides which papers are the same."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper, PaperDraft
from bot.domain.separated import SeparatedPapers


class PaperRows(Protocol):
    """Open papers and every team's own papers, hidden ones too.

    Nothing read here may be shown to people: `Papers` decides which team may read what. Take the lock before
    reading what a change is based on, and before each change.
    """

    async def lock(self) -> None:
        """Let no other transaction change papers until this one ends.

        It keeps sequence numbers visible in order. And of two transactions that store the same paper, the
        second finds it.
        """
        ...

    async def separated(self) -> SeparatedPapers:
        """Return what the operator has separated."""
        ...

    async def find_candidates(
        self, title_key: str, identifiers: Collection[Identifier], record: str, team_id: int | None = None
    ) -> list[Paper]:
        """Return papers with this title, one of these identifiers or this source record, by id.

        With a team, only papers that it may read. Without one, everybody's.
        """
        ...

    async def find_by_team_identifiers(
        self, identifiers: Collection[Identifier], team_id: int
    ) -> frozenset[int]:
        """Return the papers that the team itself has given these identifiers."""
        ...

    async def insert(self, paper: Paper | PaperDraft, added: datetime, team_id: int | None = None) -> int:
        """Insert a paper. Returns its id."""
        ...

    async def replace(self, paper_id: int, draft: PaperDraft, added: datetime) -> None:
        """Replace a team's own paper by an open source's draft, under the same id.

        Deletes the descriptions of the team's paper. The team's identifiers and links still lead it there.
        """
        ...

    async def update(self, before: Sequence[Paper], after: Paper, *, confirmed: bool) -> None:
        """Write `after` to the first of these papers. The others have been absorbed into it.

        `confirmed` shows a hidden sample again.
        """
        ...

    async def add_team_names(
        self, paper_id: int, identifiers: Collection[Identifier], links: Sequence[str], team_id: int
    ) -> None:
        """Let identifiers and links lead a team to an open paper, whose record stays as it is."""
        ...

    async def absorb(self, gone: int, kept: int) -> None:
        """Move everything from the paper `gone` to `kept`, and delete it. Its id then leads to `kept`."""
        ...

    async def absorb_owned(self, gone: int, kept: int) -> None:
        """Do the same for a team's own paper that is an open one. Its descriptions are deleted."""
        ...

    async def remove_identifiers(self, paper_id: int, identifiers: Collection[Identifier]) -> None:
        """Delete identifiers of a paper."""
        ...

    async def reject_identifiers(self, paper_id: int, identifiers: Collection[Identifier]) -> None:
        """Record that these identifiers are not the paper's, whatever sources say."""
        ...

    async def accept_own_identifiers(self, paper_id: int) -> None:
        """Reject none of the identifiers that the paper has."""
        ...

    async def separate(self, paper_id: int, others: Collection[int]) -> None:
        """Let a paper never be merged with these."""
        ...
