"""News of papers, and posts with them for the channels that discussed the paper."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update

from bot.domain.paper import News
from bot.domain.post import PostState
from storage.sql.connection import AnyRow, Connection, Repository
from storage.sql.repositories.queues import queue_up
from storage.sql.tables import DiscussionRow, NewsRow, PostRow
from storage.sql.types import among_numbers

_PENDING = select(NewsRow.id).where(~NewsRow.notified).order_by(NewsRow.id)
_LATEST = func.row_number().over(
    partition_by=(NewsRow.id, DiscussionRow.channel_id),
    order_by=(DiscussionRow.opened_at.desc(), DiscussionRow.id.desc()),
)
_DISCUSSED = (
    select(
        NewsRow.id.label("news_id"),
        DiscussionRow.id.label("discussion_id"),
        DiscussionRow.channel_id,
        DiscussionRow.team_id,
        _LATEST.label("age"),
    )
    .join(DiscussionRow, DiscussionRow.paper_id == NewsRow.paper_id)
    .where(among_numbers(NewsRow.id, "ids"))
    .subquery()
)
_TO_TELL = select(_DISCUSSED).where(_DISCUSSED.c.age == 1).order_by(_DISCUSSED.c.news_id)


async def note_news(connection: Connection, news: Iterable[News], now: datetime) -> None:
    """Keep what has happened to a paper until it is planned to be told."""
    for each in news:
        row = {"paper_id": each.paper_id, "change": each.change, "version": each.version}
        await connection.run(connection.insert(NewsRow).values({**row, "at": now, "notified": False}))


class SqlPaperNews(Repository):
    """News in the database."""

    async def is_pending(self) -> bool:
        """Whether there is news for which no posts are planned yet."""
        return (await self._connection.run(_PENDING.limit(1))).scalar() is not None

    async def plan(self, now: datetime, limit: int) -> int:
        """Plan a post with each piece of news in the latest discussion of every channel that had one."""
        ids = (
            (await self._connection.run(_PENDING.limit(limit).with_for_update(skip_locked=True)))
            .scalars()
            .all()
        )
        if not ids:
            return 0
        to_tell = (await self._connection.run(_TO_TELL, {"ids": ids})).all()
        for row in to_tell:
            await self._connection.run(self._connection.insert(PostRow).values(_post(row, now)))
        await queue_up(self._connection, {row.channel_id: row.team_id for row in to_tell}, now, news=True)
        await self._connection.run(
            update(NewsRow).where(among_numbers(NewsRow.id, "ids")).values(notified=True), {"ids": ids}
        )
        return len(ids)


def _post(row: AnyRow, now: datetime) -> dict[str, object]:
    return {
        "team_id": row.team_id,
        "channel_id": row.channel_id,
        "news_id": row.news_id,
        "discussion_id": row.discussion_id,
        "part": 0,
        "token": secrets.token_urlsafe(18),
        "state": PostState.PLANNED,
        "planned_at": now,
        "not_before": now,
        "attempts": 0,
        "detail": "",
    }
