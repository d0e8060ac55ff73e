"""When slots are due."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Platform
from bot.domain.subscription import DueSlot, Slot


class Schedule(Protocol):
    """The due rows: one a channel and slot."""

    async def claim(
        self, platforms: Collection[Platform], now: datetime, lease_seconds: float, limit: int
    ) -> list[DueSlot]:
        """Claim slots whose time has come, the longest due first; a lease that has run out is anybody's."""
        ...

    async def postpone(self, slots: Collection[DueSlot], until: datetime) -> None:
        """Let nobody claim these before then; when they are due stays."""
        ...

    async def filter_unchanged(self, slots: Collection[DueSlot]) -> list[DueSlot]:
        """Those among the slots that are still due when they were."""
        ...

    async def computed_after(
        self, platforms: Collection[Platform], moment: datetime, limit: int
    ) -> list[DueSlot]:
        """Slots whose times were worked out later than that."""
        ...

    async def all(self, platform: Platform | None = None) -> list[DueSlot]:
        """Every slot, due or not."""
        ...

    async def get(self, channel_id: int, slot: Slot) -> datetime | None:
        """When a channel's slot is due next, None where it has no such slot."""
        ...

    async def lock_channels(self, *channel_ids: int) -> None:
        """Let nobody else plan for the channels, or change what they chose, until the transaction ends."""
        ...

    async def set_due(self, times: Mapping[tuple[int, Slot], datetime | None], now: datetime) -> None:
        """Say when channels' slots are due next, as worked out now; None removes one."""
        ...

    async def next_due(self, platforms: Collection[Platform]) -> datetime | None:
        """When a slot can next be claimed, None when there is none."""
        ...
