"""Due times: one row a channel and slot."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.domain.channel import Platform
from bot.domain.subscription import DueSlot, Slot
from storage.sql.connection import AnyRow, AnySelect, Parameters, Repository
from storage.sql.repositories.rows import CHANNEL, OF_WORKSPACE, channel_of, lock_channels, on_platforms
from storage.sql.tables import ChannelRow, SlotRow, WorkspaceRow
from storage.sql.types import among_numbers


class SqlSchedule(Repository):
    """Due times in the database."""

    async def claim(
        self, platforms: Collection[Platform], now: datetime, lease_seconds: float, limit: int
    ) -> list[DueSlot]:
        """Claim slots that were never claimed first. Of the others, claim only one.

        A slot that was claimed before and is still due may have crashed its planner. Alone, it cannot take
        the other slots down with it.
        """
        retried = SlotRow.not_before != SlotRow.due_at
        ready = (
            select(SlotRow.id, retried.label("retried"))
            .where(SlotRow.not_before <= now, on_platforms(SlotRow.channel_id, platforms))
            .order_by(retried, SlotRow.not_before, SlotRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = (await self._connection.run(ready)).all()
        if not rows:
            return []
        ids = [row.id for row in rows if not row.retried] or [rows[0].id]
        await self._connection.run(_POSTPONE, {"ids": ids, "until": now + timedelta(seconds=lease_seconds)})
        return await self._slots(_BY_IDS, {"ids": ids})

    async def postpone(self, slots: Collection[DueSlot], until: datetime) -> None:
        await self._connection.run(_POSTPONE, {"ids": [each.id for each in slots], "until": until})

    async def filter_unchanged(self, slots: Collection[DueSlot]) -> list[DueSlot]:
        current = await self._slots(_BY_IDS, {"ids": [each.id for each in slots]})
        known = {each.id: each.due for each in slots}
        return [each for each in current if known[each.id] == each.due]

    async def computed_after(
        self, platforms: Collection[Platform], moment: datetime, limit: int
    ) -> list[DueSlot]:
        return await self._slots(
            _select().where(SlotRow.set_at > moment, WorkspaceRow.platform.in_(platforms)).limit(limit)
        )

    async def all(self, platform: Platform | None = None) -> list[DueSlot]:
        query = _select()
        return await self._slots(
            query if platform is None else query.where(WorkspaceRow.platform == platform)
        )

    async def get(self, channel_id: int, slot: Slot) -> datetime | None:
        return (await self._connection.run(select(SlotRow.due_at).where(*_one(channel_id, slot)))).scalar()

    async def lock_channels(self, *channel_ids: int) -> None:
        await lock_channels(self._connection, channel_ids)

    async def set_due(self, times: Mapping[tuple[int, Slot], datetime | None], now: datetime) -> None:
        ended = [_key(*key) for key, due in times.items() if due is None]
        if ended:
            await self._connection.run(_DELETE, ended)
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
        query = select(SlotRow.not_before).where(on_platforms(SlotRow.channel_id, platforms))
        return (await self._connection.run(query.order_by(SlotRow.not_before).limit(1))).scalar()

    async def _slots(self, query: AnySelect, parameters: Parameters | None = None) -> list[DueSlot]:
        return [_slot(row) for row in await self._connection.run(query, parameters)]


def _select() -> AnySelect:
    return (
        select(SlotRow.id, SlotRow.at, SlotRow.timezone, SlotRow.due_at, *CHANNEL)
        .join(ChannelRow, ChannelRow.id == SlotRow.channel_id)
        .join(WorkspaceRow, OF_WORKSPACE)
        .order_by(SlotRow.due_at, SlotRow.id)
    )


_BY_IDS = _select().where(among_numbers(SlotRow.id, "ids"))
_POSTPONE = update(SlotRow).where(among_numbers(SlotRow.id, "ids")).values(not_before=bindparam("until"))
_DELETE = delete(SlotRow).where(
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
