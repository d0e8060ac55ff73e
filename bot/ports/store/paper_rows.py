"""The rows of papers, for whoever decides which papers are the same."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper, PaperDraft
from bot.domain.separated import SeparatedPapers


class PaperRows(Protocol):
    """Open papers and all teams' own ones, hidden ones as well.

    Nobody is shown a paper that was read here: `Papers` knows which team may read what. A transaction takes
    the lock before it reads what it decides by, and before each change.
    """

    async def lock(self) -> None:
        """Let no other transaction change papers before this one ends.

        Then sequence numbers become visible in their order, and of two that store the same paper the
        second one finds it.
        """
        ...

    async def separated(self) -> SeparatedPapers:
        """What the operator has separated."""
        ...

    async def find_candidates(
        self, title_key: str, identifiers: Collection[Identifier], record: str, team_id: int | None = None
    ) -> list[Paper]:
        """Find papers with this title, one of these identifiers or this source record.

        With a team they are those that it may read, and everybody's without. The lowest number comes first.
        """
        ...

    async def find_by_team_identifiers(
        self, identifiers: Collection[Identifier], team_id: int
    ) -> frozenset[int]:
        """The papers that these identifiers lead a team to, by the team's own word."""
        ...

    async def insert(self, paper: Paper | PaperDraft, added: datetime, team_id: int | None = None) -> int:
        """Add a paper; its number."""
        ...

    async def replace(self, paper_id: int, draft: PaperDraft, added: datetime) -> None:
        """Put an open source's draft in place of a team's own paper, under the same number.

        What was said of the team's paper goes. The team's identifiers and links go on leading it there.
        """
        ...

    async def update(self, before: Sequence[Paper], after: Paper, *, confirmed: bool) -> None:
        """Write what the first one of these papers has become; the others are absorbed already.

        `confirmed` shows a sample again that is hidden.
        """
        ...

    async def add_team_names(
        self, paper_id: int, identifiers: Collection[Identifier], links: Sequence[str], team_id: int
    ) -> None:
        """Let these identifiers and links lead a team to an open paper, which stays as it is."""
        ...

    async def absorb(self, gone: int, kept: int) -> None:
        """Move all that hangs on one paper to another, and delete it. Its number leads to the other."""
        ...

    async def absorb_owned(self, gone: int, kept: int) -> None:
        """The same for a team's own paper that is an open one; what was said of the team's paper goes."""
        ...

    async def remove_identifiers(self, paper_id: int, identifiers: Collection[Identifier]) -> None:
        """Take identifiers from a paper."""
        ...

    async def reject_identifiers(self, paper_id: int, identifiers: Collection[Identifier]) -> None:
        """Let these identifiers not be a paper's, whatever sources say."""
        ...

    async def accept_own_identifiers(self, paper_id: int) -> None:
        """Refuse a paper none of the identifiers that it has."""
        ...

    async def separate(self, paper_id: int, others: Collection[int]) -> None:
        """Let a paper never become one with these."""
        ...
