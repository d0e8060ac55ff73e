"""When channels' slots are due."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Platform
from bot.domain.subscription import DueSlot, Slot


class Schedule(Protocol):
    """When each slot of each channel is due next."""

    async def claim(
        self, platforms: Collection[Platform], now: datetime, lease_seconds: float, limit: int
    ) -> list[DueSlot]:
        """Claim up to `limit` due slots, longest due first, for `lease_seconds`.

        After the lease has run out, any worker may claim them.
        """
        ...

    async def postpone(self, slots: Collection[DueSlot], until: datetime) -> None:
        """Let nobody claim these slots before `until`. Their due times stay."""
        ...

    async def filter_unchanged(self, slots: Collection[DueSlot]) -> list[DueSlot]:
        """Return those of the slots whose due times have not changed since they were read."""
        ...

    async def computed_after(
        self, platforms: Collection[Platform], moment: datetime, limit: int
    ) -> list[DueSlot]:
        """Return up to `limit` slots whose due times were computed after `moment`.

        Such a time lies in the future only if the clock was set back since.
        """
        ...

    async def all(self, platform: Platform | None = None) -> list[DueSlot]:
        """Return every slot, due or not."""
        ...

    async def get(self, channel_id: int, slot: Slot) -> datetime | None:
        """Return when a channel's slot is due next, None if the channel has no such slot."""
        ...

    async def lock_channels(self, *channel_ids: int) -> None:
        """Lock the channels until the transaction ends.

        Nobody else can plan for them or change their subscriptions meanwhile.
        """
        ...

    async def set_due(self, times: Mapping[tuple[int, Slot], datetime | None], now: datetime) -> None:
        """Set when slots are due next, as computed at `now`. None deletes the slot."""
        ...

    async def next_due(self, platforms: Collection[Platform]) -> datetime | None:
        """Return when a slot can next be claimed, None if there is none."""
        ...
