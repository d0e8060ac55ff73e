"""Digests."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.domain.post import DigestKey, DigestPlan, StoredDigest
from bot.domain.subscription import DueSlot


class Digests(Protocol):
    """Digests and their posts: the outbox."""

    async def plan(self, plans: Sequence[DigestPlan], now: datetime) -> list[bool]:
        """Store digests with their items and posts; False for one whose slot and date has a digest already.

        Items whose paper the channel was posted meanwhile, or whose subscription rests since, are left out;
        where nothing remains of a digest of papers, it is not stored.
        """
        ...

    async def cancel_unsent(self, slots: Collection[DueSlot]) -> int:
        """Take back the digests of these slots of which nothing was sent yet; how many they were.

        Their papers may be in the next one.
        """
        ...

    async def cancel_inactive(self, channel_id: int) -> None:
        """Take back what was not begun of what a channel's ended and paused subscriptions had planned.

        Their papers may be in a later digest. What is being sent or in doubt is left to end.
        """
        ...

    async def get(self, digest_id: int) -> StoredDigest:
        """A digest with its items."""
        ...

    async def topics(self, digest_id: int) -> dict[int, str]:
        """The topics of a digest's subscriptions, by their numbers; those that have ended as well."""
        ...

    async def last_dates(self, channel_ids: Collection[int]) -> dict[int, date]:
        """The local date of each channel's latest digest that was more than a warning."""
        ...

    async def planned_keys(self, channel_ids: Collection[int], since: date) -> frozenset[DigestKey]:
        """Which slots and dates of the channels have a digest, from `since` on."""
        ...

    async def channels_warned(
        self, channel_ids: Collection[int], since: date, warning: str
    ) -> frozenset[int]:
        """Which of the channels were told this, from that day on."""
        ...
