"""Papers."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.domain.history import Activity
from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper, PaperDraft, PaperFilter


class Papers(Protocol):
    """Papers: open ones, which all teams share, and each team's own, which its people alone tell of.

    Whoever asks says for which team. Without one only open papers are there; no other team's ever are.
    """

    async def unchanged(self, drafts: Sequence[PaperDraft], team_id: int | None = None) -> list[int | None]:
        """The papers whose last description by its source each draft is, None where it is another.

        Storing such a draft would change nothing.
        """
        ...

    async def get(self, paper_ids: Collection[int], team_id: int | None = None) -> dict[int, Paper]:
        """Give the papers that exist among these; a number that was merged gives what it became."""
        ...

    async def get_for_each(
        self, asked: Sequence[tuple[Collection[int], int | None]]
    ) -> list[dict[int, Paper]]:
        """The same for several askers: each papers and a team."""
        ...

    async def identifiers_of(self, paper_ids: Collection[int]) -> frozenset[Identifier]:
        """All names of papers, whosever they are; to ask sources for, and not to be shown."""
        ...

    async def find_by_identifier(self, identifier: Identifier, team_id: int | None = None) -> int | None:
        """Find a paper by one of its names."""
        ...

    async def find_by_identifiers(
        self, identifiers: Collection[Identifier], team_id: int | None = None
    ) -> dict[Identifier, int]:
        """Those of these names that papers have, with the papers."""
        ...

    async def find_by_link(self, link: str, team_id: int | None = None) -> int | None:
        """Find a paper by one of its links; where several have it, the one whose own page it is first."""
        ...

    async def find_by_title(self, title_key: str, team_id: int | None = None) -> int | None:
        """Find a paper by its normalised title, whole."""
        ...

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        """Papers of whomever with a later sequence number, in its order; for the index, which parts teams.

        Every insert and every change of a text takes the next number.
        """
        ...

    async def gone_since(self, sequence: int) -> frozenset[int]:
        """Numbers that were merged into other papers by a later sequence number."""
        ...

    async def filter(self, wanted: PaperFilter, team_id: int | None = None) -> frozenset[int]:
        """All papers that pass a filter."""
        ...

    async def arrived(self, since: date) -> frozenset[int]:
        """Open papers from `since` on.

        A paper is from the day it was listed, else published, else added.
        """
        ...

    async def arrived_in(self, team_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """By team, its own papers from `since` on; teams without any are left out."""
        ...

    async def posted(self, channel_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """By channel, the papers from `since` on that its digests have posted or are about to."""
        ...

    async def upvotes(
        self, paper_ids: Collection[int], team_ids: Collection[int]
    ) -> dict[int, dict[int, int]]:
        """By team, the papers' up-votes at the source and of the team's people together.

        A person counts once, whatever the channel; what is said in direct messages is not the team's.
        """
        ...

    async def activity(self, team_id: int, since: datetime, limit: int) -> list[Activity]:
        """What there is to rank: papers from `since` on, or with the team's votes or comments since.

        A paper is from the day it was listed, else published, else added. Those that the team has dealt
        with come first, then the latest. People count as in `upvotes`.
        """
        ...

    async def count(self) -> int:
        """How many papers there are, teams' own ones as well, without those that are hidden."""
        ...

    async def hide_samples(self, *, hidden: bool) -> None:
        """Let nobody read the samples, or everybody.

        What people did with them stays. A hidden one comes back as a true paper once a source tells of it.
        """
        ...
