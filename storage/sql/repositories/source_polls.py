"""When each source is polled, and about which papers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, union, update

from bot.domain.message import MessageKind
from bot.domain.source import LINK, SAMPLE, SourcePoll
from storage.sql.connection import Repository
from storage.sql.repositories.tallies import STANDING
from storage.sql.repositories.visibility import readable
from storage.sql.tables import (
    DigestItemRow,
    DiscussionRow,
    IdentifierRow,
    PaperRow,
    SavedRow,
    ShownRow,
    SourceCheckRow,
    SourcePollRow,
    VoteRow,
)

_USED = union(
    select(DiscussionRow.paper_id),
    select(VoteRow.paper_id).where(STANDING),
    select(SavedRow.paper_id),
    select(DigestItemRow.paper_id),
    select(ShownRow.paper_id).where(ShownRow.shown != MessageKind.LISTED),
).subquery()


class SqlSourcePolls(Repository):
    """Polls in the database."""

    async def claim(self, name: str, worker: str, now: datetime, until: datetime) -> SourcePoll | None:
        new = {"name": name, "due_at": now, "error": ""}
        await self._connection.run(
            self._connection.insert(SourcePollRow).values(new).on_conflict_do_nothing()
        )
        # One UPDATE with the condition in it: of two workers that run it at once, one finds the row leased.
        free = or_(SourcePollRow.lease_until.is_(None), SourcePollRow.lease_until <= now)
        claim = (
            update(SourcePollRow)
            .where(SourcePollRow.name == name, SourcePollRow.due_at <= now, free)
            .values(lease_owner=worker, lease_until=until)
            .returning(SourcePollRow.complete_through, SourcePollRow.polled_at, SourcePollRow.error)
        )
        row = (await self._connection.run(claim)).one_or_none()
        return None if row is None else SourcePoll(name, row.complete_through, row.polled_at, row.error)

    async def extend_lease(self, name: str, worker: str, until: datetime) -> bool:
        leased = update(SourcePollRow).where(SourcePollRow.name == name, SourcePollRow.lease_owner == worker)
        return (await self._connection.run(leased.values(lease_until=until))).rowcount == 1

    async def finish(self, poll: SourcePoll, worker: str, due: datetime) -> None:
        leased = update(SourcePollRow).where(
            SourcePollRow.name == poll.name, SourcePollRow.lease_owner == worker
        )
        values = {"polled_at": poll.polled_at, "complete_through": poll.complete_through, "error": poll.error}
        await self._connection.run(leased.values(**values, due_at=due, lease_owner=None, lease_until=None))

    async def all(self) -> list[SourcePoll]:
        rows = await self._connection.run(select(SourcePollRow).order_by(SourcePollRow.name))
        return [SourcePoll(row.name, row.complete_through, row.polled_at, row.error) for row in rows]

    async def to_check(self, source: str, before: datetime, limit: int) -> list[int]:
        query = (
            select(_USED.c.paper_id)
            .join(PaperRow, PaperRow.id == _USED.c.paper_id)
            .outerjoin(
                SourceCheckRow, and_(SourceCheckRow.source == source, SourceCheckRow.paper_id == PaperRow.id)
            )
            .where(or_(SourceCheckRow.at.is_(None), SourceCheckRow.at < before), ~PaperRow.hidden)
            .order_by(SourceCheckRow.at.asc().nulls_first(), PaperRow.id.desc())
            .limit(limit)
        )
        return list((await self._connection.run(query)).scalars())

    async def to_look_up(self, source: str, before: datetime, limit: int) -> list[int]:
        named = exists().where(IdentifierRow.paper_id == PaperRow.id, IdentifierRow.team_id.is_(None))
        query = (
            select(PaperRow.id)
            .outerjoin(
                SourceCheckRow, and_(SourceCheckRow.source == source, SourceCheckRow.paper_id == PaperRow.id)
            )
            .where(
                readable(None),
                PaperRow.source.not_in((SAMPLE, LINK)),
                ~named,
                or_(SourceCheckRow.at.is_(None), SourceCheckRow.at < before),
            )
            .order_by(SourceCheckRow.at.asc().nulls_first(), PaperRow.id.desc())
            .limit(limit)
        )
        return list((await self._connection.run(query)).scalars())

    async def mark_checked(self, source: str, paper_ids: Collection[int], now: datetime) -> None:
        rows = [{"source": source, "paper_id": paper_id, "at": now} for paper_id in paper_ids]
        if rows:
            insert = self._connection.insert(SourceCheckRow)
            await self._connection.run(
                insert.on_conflict_do_update(
                    index_elements=["source", "paper_id"], set_={"at": insert.excluded.at}
                ),
                rows,
            )
