"""People's own reading lists."""

from datetime import datetime

from sqlalchemy import delete, func, select

from bot.domain.channel import Here
from storage.sql.link import Repository
from storage.sql.repositories.rows import standing
from storage.sql.repositories.visibility import is_shown
from storage.sql.tables import SavedRow


class SqlSaved(Repository):
    """Reading lists in the database."""

    async def put(self, here: Here, paper_id: int, at: datetime) -> bool:
        """Save a paper; whether it was not saved before."""
        row = {
            "team_id": here.team_id,
            "person_id": here.person.id,
            "paper_id": standing(paper_id),
            "saved_at": at,
        }
        result = await self._link.run(self._link.insert(SavedRow).values(row).on_conflict_do_nothing())
        return result.rowcount == 1

    async def remove(self, here: Here, paper_id: int) -> bool:
        """Take a paper off; whether it was on the list."""
        result = await self._link.run(
            delete(SavedRow).where(
                SavedRow.person_id == here.person.id, SavedRow.paper_id == standing(paper_id)
            )
        )
        return result.rowcount == 1

    async def page(self, here: Here, limit: int, offset: int) -> tuple[list[tuple[int, datetime]], int]:
        """A person's saved papers with their times, the latest first, and how many there are."""
        own = SavedRow.person_id == here.person.id, is_shown(SavedRow.paper_id)
        wanted = (
            select(SavedRow.paper_id, SavedRow.saved_at)
            .where(*own)
            .order_by(SavedRow.saved_at.desc(), SavedRow.paper_id.desc())
            .limit(limit)
            .offset(offset)
        )
        rows = [(row.paper_id, row.saved_at) for row in await self._link.run(wanted)]
        total = select(func.count()).select_from(SavedRow).where(*own)
        return rows, (await self._link.run(total)).scalar_one()
