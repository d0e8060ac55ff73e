"""What a restored database does not know: what happened after its backup."""

from datetime import date, datetime

from sqlalchemy import update

from bot.domain.post import PostState
from storage.sql.connection import Repository
from storage.sql.repositories.rows import open_states
from storage.sql.row_ids import NUMBERED, last_id, set_last_id
from storage.sql.tables import NewsRow, PostRow, QueueRow, RestoreRow


class SqlRestores(Repository):
    """Changes to a restored database."""

    async def record(self, at: datetime, posted_through: date) -> None:
        row = {"at": at, "posted_through": posted_through}
        await self._connection.run(self._connection.insert(RestoreRow).values(row).on_conflict_do_nothing())

    async def mark_posts_unknown(self, now: datetime) -> int:
        unknown = (
            update(PostRow)
            .where(PostRow.state.in_(open_states()))
            .values(
                state=PostState.UNKNOWN,
                lease_owner=None,
                lease_until=None,
                not_before=now,
                detail="The database was restored.",
            )
        )
        posts = (await self._connection.run(unknown)).rowcount
        # Too early a time does no harm: the claim recomputes a queue whose first post is not ready.
        await self._connection.run(update(QueueRow).where(QueueRow.next_at.is_not(None)).values(next_at=now))
        return posts

    async def mark_news_delivered(self) -> int:
        return (
            await self._connection.run(update(NewsRow).where(~NewsRow.notified).values(notified=True))
        ).rowcount

    async def skip_ids(self, count: int) -> None:
        for table in NUMBERED:
            await set_last_id(self._connection, table, await last_id(self._connection, table) + count)
