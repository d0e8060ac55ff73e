"""Which messages show which papers."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.domain.channel import Channel, Origin, Platform
from bot.domain.message import MessageKind, MessageRef, ShownMessage
from bot.domain.post import PostState
from bot.domain.vote import TallyCount
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.rows import CHANNEL, OF_WORKSPACE, channel_of, message_of, surviving_id
from storage.sql.tables import (
    AnsweredLinkRow,
    ChannelRow,
    PersonRow,
    PostRow,
    ShownRow,
    VoteRow,
    WorkspaceRow,
)

_ON_MESSAGE = (
    select(ShownRow.paper_id, ShownRow.shown)
    .where(ShownRow.channel_id == bindparam("channel_id"), ShownRow.message == bindparam("message"))
    .limit(2)
)
_PAPER_ID = surviving_id(bindparam("of", type_=BigInteger()))
_VOTED_ON = (
    select(
        WorkspaceRow.external_id.label("workspace"),
        ChannelRow.external_id.label("channel"),
        PersonRow.external_id.label("owner"),
        ShownRow.place,
        ShownRow.message,
        ShownRow.thread,
    )
    .join(ChannelRow, ChannelRow.id == ShownRow.channel_id)
    .join(WorkspaceRow, OF_WORKSPACE)
    .outerjoin(PersonRow, PersonRow.id == ChannelRow.owner_id)
    .where(ShownRow.shown != MessageKind.LISTED)
)
"""Messages that people can vote on, with where they are."""
_PREVIEW = (ShownRow.shown == MessageKind.LINKED) & (ShownRow.note != "")
"""A person's link that has a preview by the bot under it."""


class SqlMessages(Repository):
    """Shown messages in the database."""

    async def record(self, channel: Channel, shown: Iterable[ShownMessage], at: datetime) -> None:
        rows = [
            {
                "team_id": channel.team_id,
                "channel_id": each.channel_id,
                "of": each.paper_id,
                "place": each.message.channel,
                "message": each.message.message,
                "thread": each.message.thread,
                "shown": each.kind,
                "note": each.note,
                "shown_at": at,
                "drawn_up": each.tally.up,
                "drawn_down": each.tally.down,
            }
            for each in shown
        ]
        if rows:
            insert = self._connection.insert(ShownRow).values(paper_id=_PAPER_ID)
            await self._connection.run(insert.on_conflict_do_nothing(), rows)

    async def paper_on(self, channel_id: int, message: MessageRef) -> int | None:
        parameters = {"channel_id": channel_id, "message": message.message}
        rows = (await self._connection.run(_ON_MESSAGE, parameters)).all()
        if len(rows) == 1 and rows[0].shown is not MessageKind.LISTED:
            return int(rows[0].paper_id)
        return None

    async def find_cards(self, channel_id: int, paper_id: int, limit: int) -> list[ShownMessage]:
        other = aliased(ShownRow)
        shows_others = exists().where(
            other.channel_id == ShownRow.channel_id,
            other.message == ShownRow.message,
            other.paper_id != ShownRow.paper_id,
        )
        query = (
            select(ShownRow)
            .where(
                ShownRow.channel_id == channel_id,
                ShownRow.paper_id == surviving_id(paper_id),
                or_(
                    _PREVIEW, ShownRow.shown.not_in((MessageKind.LISTED, MessageKind.LINKED)) & ~shows_others
                ),
            )
            .order_by(ShownRow.shown_at.desc(), ShownRow.id.desc())
            .limit(limit)
        )
        return [
            ShownMessage(
                row.channel_id,
                row.paper_id,
                message_of(row),
                row.shown,
                row.note,
                TallyCount(row.drawn_up, row.drawn_down),
            )
            for row in await self._connection.run(query)
        ]

    async def last_shown(
        self, channel: Channel, paper_ids: Collection[int], among: Collection[str]
    ) -> dict[int, Channel]:
        shown = func.max(ShownRow.shown_at)
        query = (
            select(ShownRow.paper_id, *CHANNEL)
            .join(ChannelRow, ChannelRow.id == ShownRow.channel_id)
            .join(WorkspaceRow, OF_WORKSPACE)
            .where(
                ChannelRow.team_id == channel.team_id,
                WorkspaceRow.platform == channel.platform,
                WorkspaceRow.external_id == channel.workspace,
                ChannelRow.external_id.in_(among),
                ChannelRow.owner_id.is_(None),
                ShownRow.paper_id.in_(paper_ids),
            )
            .group_by(ShownRow.paper_id, ChannelRow.id, WorkspaceRow.id)
            .order_by(shown, ChannelRow.id)
        )
        return {row.paper_id: channel_of(row) for row in await self._connection.run(query)}

    async def record_tally(
        self, channel_id: int, paper_id: int, message: MessageRef, tally: TallyCount
    ) -> None:
        await self._change(channel_id, paper_id, message, drawn_up=tally.up, drawn_down=tally.down)

    async def record_preview(self, channel_id: int, paper_id: int, message: MessageRef, link: str) -> None:
        await self._change(channel_id, paper_id, message, note=link)

    async def _change(self, channel_id: int, paper_id: int, message: MessageRef, **values: Any) -> None:
        of_paper = ShownRow.paper_id == surviving_id(paper_id)
        on_message = (ShownRow.channel_id == channel_id, ShownRow.message == message.message, of_paper)
        await self._connection.run(update(ShownRow).where(*on_message).values(values))

    async def to_recount(
        self, platform: Platform, since: datetime, before: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        query = (
            _VOTED_ON.where(
                WorkspaceRow.platform == platform,
                ShownRow.shown_at.between(since, before),
                or_(ShownRow.recounted_at.is_(None), ShownRow.recounted_at < before),
            )
            .order_by(ShownRow.recounted_at.asc().nulls_first(), ShownRow.shown_at.desc())
            .limit(limit)
        )
        return [_message_with_origin(platform, row) for row in await self._connection.run(query)]

    async def recovered_to_recount(
        self, platform: Platform, since: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        of_post = (PostRow.channel_id == ShownRow.channel_id) & (PostRow.message == ShownRow.message)
        query = (
            _VOTED_ON.join(PostRow, of_post)
            .where(
                PostRow.state == PostState.RESOLVED,
                PostRow.sent_at >= since,
                WorkspaceRow.platform == platform,
                ShownRow.recounted_at.is_(None),
            )
            .order_by(PostRow.sent_at.desc())
            .limit(limit)
        )
        return [_message_with_origin(platform, row) for row in await self._connection.run(query)]

    async def mark_recounted(self, channel_id: int, message: MessageRef, at: datetime) -> None:
        on_message = (ShownRow.channel_id == channel_id, ShownRow.message == message.message)
        await self._connection.run(update(ShownRow).where(*on_message).values(recounted_at=at))

    async def unlink(self, channel_id: int, message: MessageRef, keep: Collection[int]) -> None:
        of_message = (ShownRow.channel_id == channel_id, ShownRow.message == message.message)
        deleted = (
            delete(ShownRow)
            .where(*of_message, ShownRow.shown == MessageKind.LINKED, ShownRow.paper_id.not_in(keep))
            .returning(ShownRow.paper_id)
        )
        for paper_id in (await self._connection.run(deleted)).scalars().all():
            votes = (
                VoteRow.channel_id == channel_id,
                VoteRow.message == message.message,
                VoteRow.paper_id == paper_id,
            )
            await self._connection.run(delete(VoteRow).where(*votes))

    async def claim_link_answer(
        self, channel: Channel, paper_id: int, now: datetime, since: datetime
    ) -> bool:
        row = {
            "channel_id": channel.id,
            "paper_id": surviving_id(paper_id),
            "team_id": channel.team_id,
            "answered_at": now,
        }
        # One statement, so that of two processes which see the same link only one answers.
        upsert = (
            self._connection.insert(AnsweredLinkRow)
            .values(row)
            .on_conflict_do_update(
                index_elements=[AnsweredLinkRow.channel_id, AnsweredLinkRow.paper_id],
                set_={"answered_at": now},
                where=AnsweredLinkRow.answered_at < since,
            )
            .returning(AnsweredLinkRow.paper_id)
        )
        return (await self._connection.run(upsert)).one_or_none() is not None

    async def forget(self, channel_id: int, message: MessageRef) -> None:
        for table in (ShownRow, VoteRow):
            on_message = (table.channel_id == channel_id, table.message == message.message)
            await self._connection.run(delete(table).where(*on_message))


def _message_with_origin(platform: Platform, row: AnyRow) -> tuple[Origin, MessageRef]:
    origin = Origin(platform, row.workspace, row.channel, row.owner or "", direct=row.owner is not None)
    return origin, message_of(row)
