"""People's own reading lists."""

from datetime import datetime

from sqlalchemy import delete, func, select

from bot.domain.channel import Context
from storage.sql.connection import Repository
from storage.sql.repositories.rows import surviving_id
from storage.sql.repositories.visibility import is_visible
from storage.sql.tables import SavedRow


class SqlSaved(Repository):
    """Reading lists in the database."""

    async def put(self, context: Context, paper_id: int, at: datetime) -> bool:
        row = {
            "team_id": context.team_id,
            "person_id": context.person.id,
            "paper_id": surviving_id(paper_id),
            "saved_at": at,
        }
        result = await self._connection.run(
            self._connection.insert(SavedRow).values(row).on_conflict_do_nothing()
        )
        return result.rowcount == 1

    async def remove(self, context: Context, paper_id: int) -> bool:
        result = await self._connection.run(
            delete(SavedRow).where(
                SavedRow.person_id == context.person.id, SavedRow.paper_id == surviving_id(paper_id)
            )
        )
        return result.rowcount == 1

    async def page(self, context: Context, limit: int, offset: int) -> tuple[list[tuple[int, datetime]], int]:
        own = SavedRow.person_id == context.person.id, is_visible(SavedRow.paper_id)
        query = (
            select(SavedRow.paper_id, SavedRow.saved_at)
            .where(*own)
            .order_by(SavedRow.saved_at.desc(), SavedRow.paper_id.desc())
            .limit(limit)
            .offset(offset)
        )
        rows = [(row.paper_id, row.saved_at) for row in await self._connection.run(query)]
        total = select(func.count()).select_from(SavedRow).where(*own)
        return rows, (await self._connection.run(total)).scalar_one()
