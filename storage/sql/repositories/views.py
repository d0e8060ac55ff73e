"""Lists as somebody saw them."""

from datetime import datetime

from sqlalchemy import delete, func, or_, select

from bot.models import View
from storage.sql.link import Repository
from storage.sql.tables import ChannelRow, PersonRow, ViewRow


class SqlViews(Repository):
    """Views in the database."""

    async def put(self, view: View) -> None:
        """Keep a view until it expires."""
        of_channel = select(ChannelRow.team_id).where(ChannelRow.id == view.channel_id)
        of_person = select(PersonRow.team_id).where(PersonRow.id == view.person_id)
        row = {
            "id": view.id,
            "team_id": func.coalesce(of_channel.scalar_subquery(), of_person.scalar_subquery()),
            "person_id": view.person_id,
            "channel_id": view.channel_id,
            "command": view.command,
            "text": view.text,
            "paper_ids": list(view.paper_ids),
            "sentences": {str(paper_id): place for paper_id, place in view.sentences.items()},
            "expires": view.expires,
        }
        await self._link.run(self._link.insert(ViewRow).values(row))

    async def get(self, view_id: str, now: datetime) -> View | None:
        """Give a view that has not expired."""
        alive = or_(ViewRow.expires.is_(None), ViewRow.expires > now)
        row = (await self._link.run(select(ViewRow).where(ViewRow.id == view_id, alive))).one_or_none()
        if row is None:
            return None
        return View(
            id=row.id,
            command=row.command,
            text=row.text,
            paper_ids=tuple(row.paper_ids),
            person_id=row.person_id,
            channel_id=row.channel_id,
            expires=row.expires,
            sentences={int(paper_id): place for paper_id, place in row.sentences.items()},
        )

    async def sweep(self, now: datetime) -> int:
        """Drop what has expired and say how many that were."""
        return (await self._link.run(delete(ViewRow).where(ViewRow.expires <= now))).rowcount
