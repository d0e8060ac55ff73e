"""Discussions of papers, and what a channel has done with papers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from bot.domain.channel import Context
from bot.domain.history import HistoryEntry
from bot.domain.message import DiscussionThread, MessageRef
from storage.sql.connection import Repository
from storage.sql.repositories.history import history_page
from storage.sql.repositories.messages import SqlMessages
from storage.sql.repositories.rows import message_of, surviving_id
from storage.sql.tables import CommentRow, DiscussionRow
from storage.sql.types import among_numbers


class SqlDiscussions(Repository):
    """Discussions in the database."""

    async def open(self, context: Context, paper_id: int, message: MessageRef, at: datetime) -> None:
        row = {
            "team_id": context.team_id,
            "channel_id": context.channel.id,
            "paper_id": surviving_id(paper_id),
            "place": message.channel,
            "message": message.message,
            "thread": message.thread,
            "opened_by": context.person.id,
            "opened_at": at,
        }
        await self._connection.run(
            self._connection.insert(DiscussionRow).values(row).on_conflict_do_nothing()
        )

    async def comment(self, context: Context, message: MessageRef, at: datetime) -> int | None:
        if message.thread is None or message.thread == message.message:
            return None
        first = MessageRef(message.channel, message.thread)
        found = await self._at(context.channel.id, first)
        if found is None:
            paper_id = await SqlMessages(self._connection).paper_on(context.channel.id, first)
            if paper_id is None:
                return None
            await self.open(context, paper_id, first, at)
            found = await self._at(context.channel.id, first)
            assert found is not None
        discussion_id, paper_id = found
        row = {
            "discussion_id": discussion_id,
            "message": message.message,
            "team_id": context.team_id,
            "person_id": context.person.id,
            "posted_at": at,
        }
        await self._connection.run(self._connection.insert(CommentRow).values(row).on_conflict_do_nothing())
        return paper_id

    async def latest_thread(
        self, channel_id: int, paper_id: int, exclude: str | None
    ) -> DiscussionThread | None:
        number = func.count().label("number")
        query = (
            select(
                DiscussionRow.opened_at,
                DiscussionRow.place,
                DiscussionRow.message,
                DiscussionRow.thread,
                number,
            )
            .join(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
            .where(
                DiscussionRow.channel_id == channel_id,
                DiscussionRow.paper_id == surviving_id(paper_id),
                DiscussionRow.message != (exclude or ""),
            )
            .group_by(DiscussionRow.id)
            .order_by(DiscussionRow.opened_at.desc(), DiscussionRow.id.desc())
            .limit(1)
        )
        row = (await self._connection.run(query)).one_or_none()
        return None if row is None else DiscussionThread(row.opened_at, message_of(row), row.number)

    async def threads(
        self, channel_ids: Collection[int], paper_id: int
    ) -> Mapping[int, Sequence[DiscussionThread]]:
        query = (
            select(
                DiscussionRow.channel_id,
                DiscussionRow.opened_at,
                DiscussionRow.place,
                DiscussionRow.message,
                DiscussionRow.thread,
                func.count(CommentRow.message).label("number"),
            )
            .outerjoin(CommentRow, CommentRow.discussion_id == DiscussionRow.id)
            .where(
                among_numbers(DiscussionRow.channel_id, "channels"),
                DiscussionRow.paper_id == surviving_id(paper_id),
            )
            .group_by(DiscussionRow.id)
            .order_by(DiscussionRow.opened_at.desc(), DiscussionRow.id.desc())
        )
        found: dict[int, list[DiscussionThread]] = {}
        for row in await self._connection.run(query, {"channels": channel_ids}):
            thread = DiscussionThread(row.opened_at, message_of(row), row.number)
            found.setdefault(row.channel_id, []).append(thread)
        return found

    async def history(self, channel_id: int, limit: int, offset: int) -> tuple[list[HistoryEntry], int]:
        return await history_page(self._connection, channel_id, limit, offset)

    async def _at(self, channel_id: int, message: MessageRef) -> tuple[int, int] | None:
        query = select(DiscussionRow.id, DiscussionRow.paper_id).where(
            DiscussionRow.channel_id == channel_id, DiscussionRow.message == message.message
        )
        row = (await self._connection.run(query)).one_or_none()
        return None if row is None else (row.id, row.paper_id)
