"""The due rows: one a channel and slot."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.domain.channel import Platform
from bot.domain.subscription import DueSlot, Slot
from storage.sql.connection import AnyRow, AnySelect, Parameters, Repository
from storage.sql.repositories.rows import CHANNEL, OF_WORKSPACE, channel_of, hold_channels, on_any
from storage.sql.tables import ChannelRow, SlotRow, WorkspaceRow
from storage.sql.types import among_numbers


class SqlSchedule(Repository):
    """Due rows in the database."""

    async def claim(
        self, platforms: Collection[Platform], now: datetime, lease_seconds: float, limit: int
    ) -> list[DueSlot]:
        """Claim slots whose time has come, the longest due first; a lease that has run out is anybody's.

        Those that were claimed in vain come last and one at a time: one of them may have ended its planner.
        """
        tried = SlotRow.not_before != SlotRow.due_at
        ready = (
            select(SlotRow.id, tried.label("tried"))
            .where(SlotRow.not_before <= now, on_any(SlotRow.channel_id, platforms))
            .order_by(tried, SlotRow.not_before, SlotRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = (await self._connection.run(ready)).all()
        if not rows:
            return []
        ids = [row.id for row in rows if not row.tried] or [rows[0].id]
        await self._connection.run(_PUT_OFF, {"ids": ids, "until": now + timedelta(seconds=lease_seconds)})
        return await self._slots(_AMONG, {"ids": ids})

    async def postpone(self, slots: Collection[DueSlot], until: datetime) -> None:
        """Let nobody claim these before then; when they are due stays."""
        await self._connection.run(_PUT_OFF, {"ids": [each.id for each in slots], "until": until})

    async def filter_unchanged(self, slots: Collection[DueSlot]) -> list[DueSlot]:
        """Those among the slots that are still due when they were."""
        still = await self._slots(_AMONG, {"ids": [each.id for each in slots]})
        known = {each.id: each.due for each in slots}
        return [each for each in still if known[each.id] == each.due]

    async def computed_after(
        self, platforms: Collection[Platform], moment: datetime, limit: int
    ) -> list[DueSlot]:
        """Slots whose times were worked out later than that."""
        return await self._slots(
            _select().where(SlotRow.set_at > moment, WorkspaceRow.platform.in_(platforms)).limit(limit)
        )

    async def all(self, platform: Platform | None = None) -> list[DueSlot]:
        """Every slot, due or not."""
        wanted = _select()
        return await self._slots(
            wanted if platform is None else wanted.where(WorkspaceRow.platform == platform)
        )

    async def get(self, channel_id: int, slot: Slot) -> datetime | None:
        """When a channel's slot is due next, None where it has no such slot."""
        return (await self._connection.run(select(SlotRow.due_at).where(*_one(channel_id, slot)))).scalar()

    async def lock_channels(self, *channel_ids: int) -> None:
        """Let nobody else plan for the channels, or change what they chose, until the transaction ends."""
        await hold_channels(self._connection, channel_ids)

    async def set_due(self, times: Mapping[tuple[int, Slot], datetime | None], now: datetime) -> None:
        """Say when channels' slots are due next; None removes one."""
        ends = [_key(*key) for key, due in times.items() if due is None]
        if ends:
            await self._connection.run(_END, ends)
        moves = [
            {**_key(*key), "channel_id": key[0], "due_at": due, "not_before": due, "set_at": now}
            for key, due in times.items()
            if due is not None
        ]
        if moves:
            team_id = select(ChannelRow.team_id).where(ChannelRow.id == bindparam("of")).scalar_subquery()
            insert = self._connection.insert(SlotRow).values(team_id=team_id)
            moved = {name: insert.excluded[name] for name in ("due_at", "not_before", "set_at")}
            upsert = insert.on_conflict_do_update(index_elements=["channel_id", "at", "timezone"], set_=moved)
            await self._connection.run(upsert, moves)

    async def next_due(self, platforms: Collection[Platform]) -> datetime | None:
        """When a slot can next be claimed, None when there is none."""
        wanted = select(SlotRow.not_before).where(on_any(SlotRow.channel_id, platforms))
        return (await self._connection.run(wanted.order_by(SlotRow.not_before).limit(1))).scalar()

    async def _slots(self, wanted: AnySelect, parameters: Parameters | None = None) -> list[DueSlot]:
        return [_slot(row) for row in await self._connection.run(wanted, parameters)]


def _select() -> AnySelect:
    return (
        select(SlotRow.id, SlotRow.at, SlotRow.timezone, SlotRow.due_at, *CHANNEL)
        .join(ChannelRow, ChannelRow.id == SlotRow.channel_id)
        .join(WorkspaceRow, OF_WORKSPACE)
        .order_by(SlotRow.due_at, SlotRow.id)
    )


_AMONG = _select().where(among_numbers(SlotRow.id, "ids"))
_PUT_OFF = update(SlotRow).where(among_numbers(SlotRow.id, "ids")).values(not_before=bindparam("until"))
_END = delete(SlotRow).where(
    SlotRow.channel_id == bindparam("of"),
    SlotRow.at == bindparam("at"),
    SlotRow.timezone == bindparam("timezone"),
)


def _key(channel_id: int, slot: Slot) -> dict[str, Any]:
    return {"of": channel_id, "at": slot.at, "timezone": slot.timezone}


def _one(channel_id: int, slot: Slot) -> tuple[Any, ...]:
    return SlotRow.channel_id == channel_id, SlotRow.at == slot.at, SlotRow.timezone == slot.timezone


def _slot(row: AnyRow) -> DueSlot:
    return DueSlot(row.id, channel_of(row), Slot(row.at, row.timezone), row.due_at)
