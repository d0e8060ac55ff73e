"""Reads which papers of a time rank how. Requests for the same board at the same time share one reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.conversation.batching import SharedCalls
from bot.domain.history import Activity
from bot.domain.trending import rank
from bot.ports.store.store import Store

MOST_RANKED = 1000
"""Papers ranked, at most: those that the team voted on or discussed, then the latest, or each day's best."""


@dataclass(frozen=True, slots=True)
class BoardRequest:
    """Which papers to rank, for which team: nobody shares a board with another team."""

    team_id: int
    first: date
    last: date
    today: date
    """The day by which their age counts."""
    since: datetime | None
    """From when on votes and comments count; None to rank what arrived from `first` to `last`."""
    before: date
    """Boards of days earlier than this can be stepped to, and those of days later than `after`."""
    after: date
    until: date
    """The last day that can be stepped to."""
    submitters: int
    """How many names to read of those who submitted the papers."""


@dataclass(frozen=True, slots=True)
class Board:
    """Ranked papers, the best first, and the nearest days that have others."""

    ranked: Sequence[Activity]
    earlier: date | None
    later: date | None
    submitters: Sequence[str]


class BoardReader:
    """Reads and ranks boards."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shared = SharedCalls(self._read)

    async def read(self, request: BoardRequest) -> Board:
        """Return a board as it is now."""
        return await self._shared(request)

    async def _read(self, wanted: BoardRequest) -> Board:
        team_id = wanted.team_id
        async with self._store.reading() as tx:
            if wanted.since is None:
                found = await tx.papers.activity_between(team_id, wanted.first, wanted.last, MOST_RANKED)
            else:
                found = await tx.papers.activity(team_id, wanted.since, MOST_RANKED)
            earlier, later = await tx.papers.nearest_days(team_id, wanted.before, wanted.after, wanted.until)
            names = await tx.papers.submitters(team_id, wanted.first, wanted.last, wanted.submitters)
        return Board(rank(found, wanted.today), earlier, later, names)
