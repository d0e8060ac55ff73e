"""Ids of received events."""

from datetime import datetime

from sqlalchemy import delete

from bot.domain.channel import Origin
from storage.sql.connection import Repository
from storage.sql.tables import EventRow


class SqlInbox(Repository):
    """Received events in the database."""

    async def add(self, origin: Origin, event_id: str, now: datetime) -> bool:
        row = {
            "platform": origin.platform,
            "workspace": origin.workspace,
            "event_id": event_id,
            "taken_at": now,
        }
        result = await self._connection.run(
            self._connection.insert(EventRow).values(row).on_conflict_do_nothing()
        )
        return result.rowcount == 1

    async def sweep(self, before: datetime) -> int:
        return (await self._connection.run(delete(EventRow).where(EventRow.taken_at < before))).rowcount
