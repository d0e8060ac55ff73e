"""Votes by reaction: the latest known state of each person, message and emoji."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.domain.channel import Context, Origin
from bot.domain.message import MessageRef
from bot.domain.vote import KnownReactions, Reaction, Vote, VoteSource
from storage.sql.connection import Repository
from storage.sql.repositories.rows import OF_WORKSPACE
from storage.sql.repositories.votes import vote_row
from storage.sql.tables import ChannelRow, ShownRow, VoteRow, WorkspaceRow

ANY_TONE = {Vote.UP: "any up", Vote.DOWN: "any down"}
"""Stands for the emoji of votes that were stored before emoji were, one a person, message and vote.

Their skin tones are unknown, and several tones were one row. So removing any tone ends the vote, as it did
when it was stored. The next count puts the real emoji in its place.
"""
_TICK = timedelta(microseconds=1)
_Key = tuple[int, str]
"""A person and an emoji."""


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    reported_at: datetime
    ended_at: datetime | None

    @property
    def stands(self) -> bool:
        return self.ended_at is None

    def next_time(self, at: datetime) -> datetime:
        """Return a time for an event that must count as the latest, even if its own clock is behind."""
        return max(at, self.reported_at + _TICK)


class SqlReactions(Repository):
    """Reactions in the database."""

    async def lock(self, channel_id: int, message: MessageRef) -> None:
        """Take an advisory lock on PostgreSQL. SQLite has one writer at a time anyway.

        A row lock is not enough: for the first event of a message there is no row to lock yet.
        """
        if self._connection.dialect == "postgresql":
            key = func.hashtextextended(f"{channel_id} {message.message}", 0)
            await self._connection.run(select(func.pg_advisory_xact_lock(key)))

    async def list_known(self, origin: Origin, message: MessageRef) -> KnownReactions:
        query = (
            select(VoteRow.id, VoteRow.reported_at)
            .join(ChannelRow, ChannelRow.id == VoteRow.channel_id)
            .join(WorkspaceRow, OF_WORKSPACE)
            .where(
                WorkspaceRow.platform == origin.platform,
                WorkspaceRow.external_id == origin.workspace,
                ChannelRow.external_id == origin.channel,
                VoteRow.message == message.message,
            )
        )
        return frozenset((row.id, row.reported_at) for row in await self._connection.run(query))

    async def change(
        self,
        context: Context,
        paper_id: int,
        message: MessageRef,
        reaction: Reaction,
        *,
        added: bool,
        at: datetime,
        timed: bool,
    ) -> None:
        key = context.person.id, reaction.emoji
        rows = await self._stored(context.channel.id, message, context.person.id)
        row = rows.get(key)
        if timed and await self._is_outdated(context.channel.id, message, row, at, added=added):
            return
        reported_at = at if timed or row is None else row.next_time(at)
        if row is None:
            votes = {key: reaction.value}
            await self._insert(context, paper_id, message, votes, at, ended_at=None if added else at)
        elif not added:
            await self._end(row, reported_at)
        elif row.stands and not timed:
            await self._update(row, reported_at=reported_at)  # a repeat keeps the time of the vote
        else:
            await self._update(row, reported_at=reported_at, ended_at=None, observed_at=at)
        without_tone = rows.get((context.person.id, ANY_TONE[reaction.value]))
        if (
            not added
            and without_tone is not None
            and without_tone.stands
            and (not timed or without_tone.reported_at <= at)
        ):
            await self._end(without_tone, without_tone.next_time(at))

    async def recount(
        self,
        context: Context,
        paper_id: int,
        message: MessageRef,
        counted: Mapping[int, Collection[Reaction]],
        at: datetime,
        *,
        known: KnownReactions | None,
        timed: bool,
    ) -> None:
        rows = await self._stored(context.channel.id, message)
        current = {
            (person, each.emoji): each.value for person, each_of in counted.items() for each in each_of
        }
        rows = await self._fill_in_emoji(rows, current)
        for key, row in rows.items():
            # The count does not know about this later change, so it must not undo it.
            changed_since = known is not None and (row.id, row.reported_at) not in known
            if changed_since and not (timed and row.reported_at < at):
                continue
            if key not in current and row.stands:
                await self._end(row, row.next_time(at))
            elif key in current and not row.stands:
                await self._update(row, reported_at=row.next_time(at), ended_at=None, observed_at=at)
        new = {key: value for key, value in current.items() if key not in rows}
        await self._insert(context, paper_id, message, new, at, ended_at=None)
        if timed:
            await self._note_count(context.channel.id, message, at)

    async def sweep(self, before: datetime) -> int:
        return (await self._connection.run(delete(VoteRow).where(VoteRow.ended_at < before))).rowcount

    async def _stored(
        self, channel_id: int, message: MessageRef, person_id: int | None = None
    ) -> dict[_Key, _Stored]:
        query = select(
            VoteRow.id, VoteRow.person_id, VoteRow.emoji, VoteRow.reported_at, VoteRow.ended_at
        ).where(VoteRow.channel_id == channel_id, VoteRow.message == message.message)
        if person_id is not None:
            query = query.where(VoteRow.person_id == person_id)
        return {
            (row.person_id, row.emoji): _Stored(row.id, row.reported_at, row.ended_at)
            for row in await self._connection.run(query)
        }

    async def _is_outdated(
        self, channel_id: int, message: MessageRef, row: _Stored | None, at: datetime, *, added: bool
    ) -> bool:
        """Whether a later state than this event is stored. At equal times, a removal is the later one."""
        if row is not None and (at < row.reported_at or (at == row.reported_at and added)):
            return True
        on_message = (ShownRow.channel_id == channel_id, ShownRow.message == message.message)
        counted_to = select(func.max(ShownRow.counted_to)).where(*on_message)
        until: datetime | None = (await self._connection.run(counted_to)).scalar_one()
        return until is not None and at <= until

    async def _fill_in_emoji(
        self, rows: Mapping[_Key, _Stored], current: Mapping[_Key, Vote]
    ) -> dict[_Key, _Stored]:
        """Give votes that were stored without an emoji the one that is counted now. They keep their time."""
        named = dict(rows)
        for person, value in sorted({(person, value) for (person, _), value in current.items()}):
            row = named.get((person, ANY_TONE[value]))
            emoji = min(each for (who, each), meant in current.items() if who == person and meant is value)
            if row is not None and row.stands and (person, emoji) not in named:
                await self._update(row, emoji=emoji)
                named[person, emoji] = named.pop((person, ANY_TONE[value]))
        return named

    async def _note_count(self, channel_id: int, message: MessageRef, at: datetime) -> None:
        # Two counts may end out of order, and the mark must not move back.
        later = (ShownRow.counted_to.is_(None)) | (ShownRow.counted_to < at)
        on_message = (ShownRow.channel_id == channel_id, ShownRow.message == message.message)
        await self._connection.run(update(ShownRow).where(*on_message, later).values(counted_to=at))

    async def _insert(
        self,
        context: Context,
        paper_id: int,
        message: MessageRef,
        votes: Mapping[_Key, Vote],
        at: datetime,
        *,
        ended_at: datetime | None,
    ) -> None:
        for (person_id, emoji), value in sorted(votes.items()):
            row = vote_row(context, person_id, paper_id, value, at) | {
                "source": VoteSource.REACTION,
                "message": message.message,
                "emoji": emoji,
                "reported_at": at,
                "ended_at": ended_at,
            }
            await self._connection.run(self._connection.insert(VoteRow).values(row))

    async def _end(self, row: _Stored, at: datetime) -> None:
        await self._update(row, reported_at=at, ended_at=at)

    async def _update(self, row: _Stored, **values: Any) -> None:
        await self._connection.run(update(VoteRow).where(VoteRow.id == row.id).values(values))
