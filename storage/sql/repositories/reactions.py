"""Votes by reaction: what the platform says last of a person, a message and an emoji."""

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
"""The emoji of votes from before emoji were kept, one a person, message and vote.

Which tone stood then is not known, and where there were several they were one row. So a removal of any of
them ends it, as it did when it was stored; the next count puts the real emoji in its place.
"""
_A_MOMENT = timedelta(microseconds=1)
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

    def reported(self, at: datetime) -> datetime:
        """The time of a word that comes after all that is stored, whatever its own clock says."""
        return max(at, self.reported_at + _A_MOMENT)


class SqlReactions(Repository):
    """Reactions in the database."""

    async def lock(self, channel_id: int, message: MessageRef) -> None:
        """Let nobody else change a message's reactions until the transaction ends.

        SQLite has one writer at a time anyway. PostgreSQL's row locks would not do: where an event is the
        first of its kind, there is no row yet to lock.
        """
        if self._connection.dialect == "postgresql":
            key = func.hashtextextended(f"{channel_id} {message.message}", 0)
            await self._connection.run(select(func.pg_advisory_xact_lock(key)))

    async def list_known(self, origin: Origin, message: MessageRef) -> KnownReactions:
        """What has been heard of a message's reactions so far, in the channel of an origin."""
        wanted = (
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
        return frozenset((row.id, row.reported_at) for row in await self._connection.run(wanted))

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
        """Record that a reaction was added or taken away."""
        key = context.person.id, reaction.emoji
        rows = await self._stored(context.channel.id, message, context.person.id)
        row = rows.get(key)
        if timed and await self._is_old(context.channel.id, message, row, at, added=added):
            return
        reported = at if timed or row is None else row.reported(at)
        if row is None:
            votes = {key: reaction.value}
            await self._insert(context, paper_id, message, votes, at, ended_at=None if added else at)
        elif not added:
            await self._end(row, reported)
        elif row.stands and not timed:
            await self._update(row, reported_at=reported)  # heard twice: it stands since the first time
        else:
            await self._update(row, reported_at=reported, ended_at=None, observed_at=at)
        unnamed = rows.get((context.person.id, ANY_TONE[reaction.value]))
        if not added and unnamed is not None and unnamed.stands and (not timed or unnamed.reported_at <= at):
            await self._end(unnamed, unnamed.reported(at))

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
        """Make the message's reactions agree with a count, but for what was heard after it began."""
        rows = await self._stored(context.channel.id, message)
        there = {(person, each.emoji): each.value for person, each_of in counted.items() for each in each_of}
        rows = await self._name_tones(rows, there)
        for key, row in rows.items():
            heard_since = known is not None and (row.id, row.reported_at) not in known
            if heard_since and not (timed and row.reported_at < at):
                continue
            if key not in there and row.stands:
                await self._end(row, row.reported(at))
            elif key in there and not row.stands:
                await self._update(row, reported_at=row.reported(at), ended_at=None, observed_at=at)
        new = {key: value for key, value in there.items() if key not in rows}
        await self._insert(context, paper_id, message, new, at, ended_at=None)
        if timed:
            await self._note_count(context.channel.id, message, at)

    async def sweep(self, before: datetime) -> int:
        """Drop tombstones of reactions that ended before then, and say how many that were."""
        return (await self._connection.run(delete(VoteRow).where(VoteRow.ended_at < before))).rowcount

    async def _stored(
        self, channel_id: int, message: MessageRef, person_id: int | None = None
    ) -> dict[_Key, _Stored]:
        wanted = select(
            VoteRow.id, VoteRow.person_id, VoteRow.emoji, VoteRow.reported_at, VoteRow.ended_at
        ).where(VoteRow.channel_id == channel_id, VoteRow.message == message.message)
        if person_id is not None:
            wanted = wanted.where(VoteRow.person_id == person_id)
        return {
            (row.person_id, row.emoji): _Stored(row.id, row.reported_at, row.ended_at)
            for row in await self._connection.run(wanted)
        }

    async def _is_old(
        self, channel_id: int, message: MessageRef, row: _Stored | None, at: datetime, *, added: bool
    ) -> bool:
        """Whether a later word than this is known. Of two at one time, to be taken away is the later."""
        if row is not None and (at < row.reported_at or (at == row.reported_at and added)):
            return True
        on_message = (ShownRow.channel_id == channel_id, ShownRow.message == message.message)
        counted_to = select(func.max(ShownRow.counted_to)).where(*on_message)
        until: datetime | None = (await self._connection.run(counted_to)).scalar_one()
        return until is not None and at <= until

    async def _name_tones(
        self, rows: Mapping[_Key, _Stored], there: Mapping[_Key, Vote]
    ) -> dict[_Key, _Stored]:
        """Give votes whose emoji was not kept the one that is counted now; they keep their time."""
        named = dict(rows)
        for person, value in sorted({(person, value) for (person, _), value in there.items()}):
            row = named.get((person, ANY_TONE[value]))
            emoji = min(each for (who, each), meant in there.items() if who == person and meant is value)
            if row is not None and row.stands and (person, emoji) not in named:
                await self._update(row, emoji=emoji)
                named[person, emoji] = named.pop((person, ANY_TONE[value]))
        return named

    async def _note_count(self, channel_id: int, message: MessageRef, at: datetime) -> None:
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
