"""What a restored database does not know: what happened after its backup."""

from datetime import date, datetime

from sqlalchemy import update

from bot.domain.post import PostState
from storage.sql.connection import Repository
from storage.sql.numbers import NUMBERED, count_on_from, last_number
from storage.sql.repositories.rows import open_states
from storage.sql.tables import NewsRow, PostRow, QueueRow, RestoreRow


class SqlRestores(Repository):
    """Marks in the database."""

    async def record(self, at: datetime, posted_through: date) -> None:
        """Remember a restore; no digest posts papers that arrived up to a day."""
        row = {"at": at, "posted_through": posted_through}
        await self._connection.run(self._connection.insert(RestoreRow).values(row).on_conflict_do_nothing())

    async def mark_posts_unknown(self, now: datetime) -> int:
        """Let all posts that are open be looked for before anything else is done; how many they are."""
        doubted = (
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
        posts = (await self._connection.run(doubted)).rowcount
        # Whoever finds a queue too early puts it right.
        await self._connection.run(update(QueueRow).where(QueueRow.next_at.is_not(None)).values(next_at=now))
        return posts

    async def mark_news_delivered(self) -> int:
        """Take news for told that may have been told since; how many they are."""
        return (
            await self._connection.run(update(NewsRow).where(~NewsRow.notified).values(notified=True))
        ).rowcount

    async def skip_ids(self, count: int) -> None:
        """Give out none of the next numbers of rows: messages since then may carry them."""
        for table in NUMBERED:
            await count_on_from(self._connection, table, await last_number(self._connection, table) + count)
