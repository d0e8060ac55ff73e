"""The due rows: one a channel and slot."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from bot.models import DueSlot, Platform, Slot
from storage.sql.link import AnyRow, AnySelect, Repository
from storage.sql.repositories.rows import CHANNEL, OF_WORKSPACE, channel_of, hold_channel
from storage.sql.tables import ChannelRow, SlotRow, WorkspaceRow


class SqlSchedule(Repository):
    """Due rows in the database."""

    async def due(self, now: datetime, limit: int) -> list[DueSlot]:
        """Slots whose time has come, the longest due first."""
        return await self._slots(_select().where(SlotRow.due_at <= now).limit(limit))

    async def all(self, platform: Platform | None = None) -> list[DueSlot]:
        """Every slot, due or not."""
        wanted = _select()
        return await self._slots(
            wanted if platform is None else wanted.where(WorkspaceRow.platform == platform)
        )

    async def get(self, channel_id: int, slot: Slot) -> datetime | None:
        """When a channel's slot is due next, None where it has no such slot."""
        return (await self._link.run(select(SlotRow.due_at).where(*_one(channel_id, slot)))).scalar()

    async def hold(self, channel_id: int) -> None:
        """Let nobody else plan for the channel, or change what it has chosen, until the transaction ends."""
        await hold_channel(self._link, channel_id)

    async def set_due(self, channel_id: int, slot: Slot, due: datetime | None) -> None:
        """Say when a channel's slot is due next; None removes it."""
        if due is None:
            await self._link.run(delete(SlotRow).where(*_one(channel_id, slot)))
            return
        team_id = select(ChannelRow.team_id).where(ChannelRow.id == channel_id).scalar_subquery()
        row = {"team_id": team_id, "channel_id": channel_id, "at": slot.at, "timezone": slot.timezone}
        insert = self._link.insert(SlotRow).values(**row, due_at=due)
        await self._link.run(
            insert.on_conflict_do_update(
                index_elements=["channel_id", "at", "timezone"], set_={"due_at": insert.excluded.due_at}
            )
        )

    async def next_due(self) -> datetime | None:
        """The earliest time at which any slot is due."""
        return (await self._link.run(select(func.min(SlotRow.due_at)))).scalar()

    async def _slots(self, wanted: AnySelect) -> list[DueSlot]:
        return [_slot(row) for row in await self._link.run(wanted)]


def _select() -> AnySelect:
    return (
        select(SlotRow.id, SlotRow.at, SlotRow.timezone, SlotRow.due_at, *CHANNEL)
        .join(ChannelRow, ChannelRow.id == SlotRow.channel_id)
        .join(WorkspaceRow, OF_WORKSPACE)
        .order_by(SlotRow.due_at, SlotRow.id)
    )


def _one(channel_id: int, slot: Slot) -> tuple[Any, ...]:
    return SlotRow.channel_id == channel_id, SlotRow.at == slot.at, SlotRow.timezone == slot.timezone


def _slot(row: AnyRow) -> DueSlot:
    return DueSlot(row.id, channel_of(row), Slot(row.at, row.timezone), row.due_at)
