"""Who added which paper to a channel."""

from datetime import datetime

from bot.domain.channel import Context
from storage.sql.connection import Repository
from storage.sql.repositories.rows import surviving_id
from storage.sql.tables import SubmissionRow


class SqlSubmissions(Repository):
    """Submissions in the database."""

    async def put(self, context: Context, paper_id: int, at: datetime) -> None:
        row = {
            "team_id": context.team_id,
            "channel_id": context.channel.id,
            "person_id": context.person.id,
            "paper_id": surviving_id(paper_id),
            "added_at": at,
        }
        await self._connection.run(
            self._connection.insert(SubmissionRow).values(row).on_conflict_do_nothing()
        )
