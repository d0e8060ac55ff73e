"""Papers, as teams read them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.domain.history import Activity
from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper, PaperDraft, PaperFilter


class Papers(Protocol):
    """Papers: open ones, which all teams share, and each team's own ones, which only that team reads.

    Methods take the team that reads. Without a team, they see only open papers. They never see another
    team's.
    """

    async def unchanged(self, drafts: Sequence[PaperDraft], team_id: int | None = None) -> list[int | None]:
        """Return for each draft the paper whose latest description by its source it equals, else None.

        Storing such a draft would change nothing.
        """
        ...

    async def get(self, paper_ids: Collection[int], team_id: int | None = None) -> dict[int, Paper]:
        """Return those of these papers that exist, by the ids given.

        For the id of a merged paper, it is the paper that it became.
        """
        ...

    async def get_for_each(
        self, requests: Sequence[tuple[Collection[int], int | None]]
    ) -> list[dict[int, Paper]]:
        """Do what `get` does for several requests of papers and a team, in few queries."""
        ...

    async def identifiers_of(self, paper_ids: Collection[int]) -> frozenset[Identifier]:
        """Return all identifiers of papers, other teams' too. For asking sources, never for showing."""
        ...

    async def find_by_identifier(self, identifier: Identifier, team_id: int | None = None) -> int | None:
        """Return the paper with this identifier, None if there is none."""
        ...

    async def find_by_identifiers(
        self, identifiers: Collection[Identifier], team_id: int | None = None
    ) -> dict[Identifier, int]:
        """Return the papers by those of these identifiers that papers have."""
        ...

    async def find_by_link(self, link: str, team_id: int | None = None) -> int | None:
        """Return the paper with this link. If several have it, the one whose first link it is."""
        ...

    async def find_by_title(self, title_key: str, team_id: int | None = None) -> int | None:
        """Return a paper with exactly this normalised title, None if there is none."""
        ...

    async def changed_since(self, sequence: int, limit: int) -> list[tuple[int, Paper]]:
        """Return up to `limit` papers of all owners with a later sequence number, in its order.

        For the index, which keeps teams apart itself. Each insert and each change of a text takes the next
        number.
        """
        ...

    async def gone_since(self, sequence: int) -> frozenset[int]:
        """Return ids that were merged or removed at a later sequence number."""
        ...

    async def filter(self, criteria: PaperFilter, team_id: int | None = None) -> frozenset[int]:
        """Return the ids of all papers that pass a filter."""
        ...

    async def arrived(self, since: date) -> frozenset[int]:
        """Return open papers that arrived on `since` or later.

        A paper arrives on the day it is listed, else published, else added.
        """
        ...

    async def arrived_in(self, team_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """Return each team's own papers that arrived on `since` or later. Teams without any are left out."""
        ...

    async def posted(self, channel_ids: Collection[int], since: date) -> dict[int, frozenset[int]]:
        """Return by channel the papers that its digests have posted or planned.

        Only those that arrived on `since` or later.
        """
        ...

    async def upvotes(
        self, paper_ids: Collection[int], team_ids: Collection[int]
    ) -> dict[int, dict[int, int]]:
        """Return by team each paper's up-votes: those at the source and those of the team's people.

        A person counts once, in however many channels. Votes in direct messages do not count.
        """
        ...

    async def activity(self, team_id: int, since: datetime, limit: int) -> list[Activity]:
        """Return up to `limit` papers to rank.

        They arrived on `since` or later, or have the team's votes or comments since then. The latter come
        first, then the latest. People count as in `upvotes`, days as in `arrived`.
        """
        ...

    async def activity_between(self, team_id: int, first: date, last: date, limit: int) -> list[Activity]:
        """Return up to `limit` papers to rank that arrived from `first` to `last`, both included.

        With all of the team's votes and comments on them, whenever they came. Papers that have any come
        first, then equally many of each day, those with the most up-votes at their source first. People count
        as in `upvotes`, days as in `arrived`.
        """
        ...

    async def nearest_days(
        self, team_id: int, before: date, after: date, until: date
    ) -> tuple[date | None, date | None]:
        """Return the latest day earlier than `before`, and the earliest later than `after`, with papers.

        None if there is no such day. The second is not later than `until`: a journal may date its papers
        ahead.
        """
        ...

    async def submitters(self, team_id: int, first: date, last: date, limit: int) -> list[str]:
        """Return who submitted papers that arrived from `first` to `last`, at most `limit` names.

        The most frequent comes first, and of equally frequent ones who has the paper with the lowest id.
        """
        ...

    async def count(self) -> int:
        """Return how many papers there are, teams' own ones too, hidden ones not."""
        ...

    async def hide_samples(self, *, hidden: bool) -> None:
        """Hide the samples from everybody, or show them.

        What people did with them stays. A hidden sample comes back as a real paper once a source confirms it.
        """
        ...
