"""What the operator sees of all papers, and how a paper is removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper
from bot.domain.post import DigestKind, PostState
from storage.sql.connection import Connection, Repository
from storage.sql.repositories.paper_rows import SqlPaperRows
from storage.sql.repositories.queues import EPOCH, lock_queues, recompute_channels
from storage.sql.repositories.rows import PAPER, open_states, paper_of, survivors
from storage.sql.repositories.tallies import STANDING
from storage.sql.repositories.visibility import owned_by
from storage.sql.tables import (
    AnsweredLinkRow,
    DigestItemRow,
    DigestRow,
    DiscussionRow,
    IdentifierRow,
    MergedPaperRow,
    NewsRow,
    PaperRow,
    PostRow,
    SavedRow,
    ShownRow,
    SubmissionRow,
    VoteRow,
)
from storage.sql.types import among_numbers

_DEPENDENT_TABLES: tuple[Any, ...] = (
    VoteRow,
    ShownRow,
    DiscussionRow,
    SavedRow,
    AnsweredLinkRow,
    SubmissionRow,
)
_CONFIRMED = (PostState.SENT, PostState.RESOLVED)


@dataclass(frozen=True, slots=True)
class Dependents:
    """How many rows of people and digests depend on a paper."""

    votes: int
    discussions: int
    saved: int
    messages: int
    planned: int
    """Posts that are not sent yet."""
    posted: int


class SqlPaperAdmin(Repository):
    """Papers of all owners, as the operator sees and removes them."""

    def __init__(self, connection: Connection, rows: SqlPaperRows) -> None:
        super().__init__(connection)
        self._rows = rows

    async def find(self, paper_id: int) -> Paper | None:
        """Return a paper, or the one that it was merged into; None if there is none."""
        merged = await survivors(self._connection, [paper_id])
        query = PAPER.where(PaperRow.id == merged.get(paper_id, paper_id))
        row = (await self._connection.run(query)).one_or_none()
        return None if row is None else paper_of(row)

    async def find_by_identifier(self, identifier: Identifier, team_id: int | None) -> int | None:
        """Return the team's own paper with this identifier; without a team, the open one."""
        named = IdentifierRow.scheme == identifier.scheme, IdentifierRow.value == identifier.value
        query = select(IdentifierRow.paper_id).where(*named, owned_by(team_id, IdentifierRow))
        return (await self._connection.run(query)).scalar()

    async def count_dependents(self, paper_id: int) -> Dependents:
        """Count what depends on a paper."""

        async def count(table: Any, *which: ColumnElement[bool]) -> int:
            query = select(func.count()).select_from(table).where(table.paper_id == paper_id, *which)
            return int((await self._connection.run(query)).scalar_one())

        states = select(PostRow.state).where(self._posts_of(paper_id))
        posts = (await self._connection.run(states)).scalars().all()
        posted = sum(state in _CONFIRMED for state in posts)
        return Dependents(
            votes=await count(VoteRow, STANDING),
            discussions=await count(DiscussionRow),
            saved=await count(SavedRow),
            messages=await count(ShownRow),
            planned=sum(state not in {*_CONFIRMED, PostState.FAILED} for state in posts),
            posted=posted,
        )

    async def is_being_sent(self, paper_id: int, now: datetime) -> bool:
        """Whether a post with the paper, or an overview that lists it, is being sent right now."""
        digests = select(DigestItemRow.digest_id).where(DigestItemRow.paper_id == paper_id)
        posts = self._posts_of(paper_id) | PostRow.digest_id.in_(digests)
        leased = select(PostRow.id).where(posts, PostRow.lease_until > now)
        return (await self._connection.run(leased.limit(1))).scalar() is not None

    async def remove(self, paper_id: int) -> None:
        """Delete a paper with everything that depends on it. Its id leads nowhere from now on.

        Digests not sent yet lose its part, and are deleted if they held nothing else.
        """
        await self._rows.lock()
        # Somebody who votes on it right now waits for this lock, and then finds the paper gone.
        await self._connection.run(select(PaperRow.id).where(PaperRow.id == paper_id).with_for_update())
        of_paper = self._posts_of(paper_id)
        their_channels = select(PostRow.channel_id).where(of_paper).distinct()
        channels = (await self._connection.run(their_channels)).scalars().all()
        await lock_queues(self._connection, channels)
        its_digests = select(DigestItemRow.digest_id).where(DigestItemRow.paper_id == paper_id)
        digests = (await self._connection.run(its_digests)).scalars().all()
        await self._connection.run(delete(PostRow).where(of_paper))
        for table in (DigestItemRow, NewsRow, *_DEPENDENT_TABLES):
            await self._connection.run(delete(table).where(table.paper_id == paper_id))
        await self._delete_empty(digests)
        await recompute_channels(self._connection, channels, EPOCH)
        merged_into_it = update(MergedPaperRow).where(MergedPaperRow.paper_id == paper_id)
        await self._connection.run(merged_into_it.values(paper_id=None))
        await self._connection.run(delete(PaperRow).where(PaperRow.id == paper_id))
        row = {"old_id": paper_id, "paper_id": None, "sequence": await self._rows.next_sequence()}
        await self._connection.run(self._connection.insert(MergedPaperRow).values(row))

    async def _delete_empty(self, digest_ids: Sequence[int]) -> None:
        """Delete those of these digests of papers that are not sent and have no items left."""
        unsent = exists().where(
            PostRow.digest_id == DigestRow.id, PostRow.part == 0, PostRow.state.in_(open_states())
        )
        empty = ~exists().where(DigestItemRow.digest_id == DigestRow.id)
        which = among_numbers(DigestRow.id, "ids"), DigestRow.kind == DigestKind.PAPERS, empty, unsent
        await self._connection.run(delete(DigestRow).where(*which), {"ids": digest_ids})

    def _posts_of(self, paper_id: int) -> ColumnElement[bool]:
        """Whether a post is about this paper alone: its part of a digest, or news of it."""
        items = select(DigestItemRow.id).where(DigestItemRow.paper_id == paper_id)
        news = select(NewsRow.id).where(NewsRow.paper_id == paper_id)
        return PostRow.item_id.in_(items) | PostRow.news_id.in_(news)
