"""News of papers, and posts about it in the channels that discussed the paper."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update

from bot.domain.paper import News
from bot.domain.post import PostState
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.queues import enqueue
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
_LATEST_DISCUSSIONS = select(_DISCUSSED).where(_DISCUSSED.c.age == 1).order_by(_DISCUSSED.c.news_id)


class SqlPaperNews(Repository):
    """News in the database."""

    async def record(self, news: Iterable[News], now: datetime) -> None:
        for each in news:
            row = {"paper_id": each.paper_id, "change": each.change, "version": each.version}
            insert = self._connection.insert(NewsRow)
            await self._connection.run(insert.values({**row, "at": now, "notified": False}))

    async def is_pending(self) -> bool:
        return (await self._connection.run(_PENDING.limit(1))).scalar() is not None

    async def plan(self, now: datetime, limit: int) -> int:
        # Locked rows are skipped: another worker is planning them right now.
        ids = (
            (await self._connection.run(_PENDING.limit(limit).with_for_update(skip_locked=True)))
            .scalars()
            .all()
        )
        if not ids:
            return 0
        discussions = (await self._connection.run(_LATEST_DISCUSSIONS, {"ids": ids})).all()
        for row in discussions:
            await self._connection.run(self._connection.insert(PostRow).values(_post(row, now)))
        await enqueue(self._connection, {row.channel_id: row.team_id for row in discussions}, now, news=True)
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
