"""Who has brought which paper into a channel."""

from datetime import datetime

from bot.domain.channel import Here
from storage.sql.link import Repository
from storage.sql.repositories.rows import standing
from storage.sql.tables import SubmissionRow


class SqlSubmissions(Repository):
    """Submissions in the database."""

    async def put(self, here: Here, paper_id: int, at: datetime) -> None:
        """Note that somebody has brought a paper in; twice is once."""
        row = {
            "team_id": here.team_id,
            "channel_id": here.channel.id,
            "person_id": here.person.id,
            "paper_id": standing(paper_id),
            "added_at": at,
        }
        await self._link.run(self._link.insert(SubmissionRow).values(row).on_conflict_do_nothing())
