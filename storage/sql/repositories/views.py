"""Lists as somebody saw them."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select

from bot.domain.history import View
from storage.sql.link import Repository
from storage.sql.tables import ChannelRow, PersonRow, ViewRow

_TEAM = func.coalesce(
    select(ChannelRow.team_id).where(ChannelRow.id == bindparam("of_channel")).scalar_subquery(),
    select(PersonRow.team_id).where(PersonRow.id == bindparam("of_person")).scalar_subquery(),
)
_PUT = insert(ViewRow).values(team_id=_TEAM)


class SqlViews(Repository):
    """Views in the database."""

    async def put(self, *views: View) -> None:
        """Keep views until they expire."""
        if views:
            await self._link.run(_PUT, [_row(view) for view in views])

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


def _row(view: View) -> dict[str, Any]:
    return {
        "id": view.id,
        "person_id": view.person_id,
        "channel_id": view.channel_id,
        "command": view.command,
        "text": view.text,
        "paper_ids": list(view.paper_ids),
        "sentences": {str(paper_id): place for paper_id, place in view.sentences.items()},
        "expires": view.expires,
        "of_channel": view.channel_id,
        "of_person": view.person_id,
    }
