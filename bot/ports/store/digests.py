"""Digests, and what is planned for each channel."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.domain.post import DigestKey, DigestPlan, PostedPaper, StoredDigest
from bot.domain.subscription import DueSlot


class Digests(Protocol):
    """Digests with their items and posts: what is planned before the outbox sends it."""

    async def plan(self, plans: Sequence[DigestPlan], now: datetime) -> list[bool]:
        """Store digests with their items and posts. Returns for each plan whether it was stored.

        A plan is not stored if its channel, slot and local date have a digest already, or if none of its
        papers is left.

        Leaves out an item if the channel was posted its paper since, if the paper was removed, or if its
        subscription ended or paused.
        """
        ...

    async def cancel_unsent(self, slots: Collection[DueSlot]) -> int:
        """Delete the digests of these slots of which nothing was sent yet. Returns how many.

        Their papers may be in the next digest.
        """
        ...

    async def cancel_inactive(self, channel_id: int) -> None:
        """Delete the planned posts of the channel's ended and paused subscriptions.

        Their papers may be in a later digest. Posts that are being sent or in doubt stay, and finish as
        usual.
        """
        ...

    async def get(self, digest_id: int) -> StoredDigest:
        """Return a digest with its items.

        Raises:
            LookupError: there is no digest with this id.

        """
        ...

    async def topics(self, digest_id: int) -> dict[int, str]:
        """Return the topics of a digest's subscriptions by subscription id, ended ones too."""
        ...

    async def posted(self, channel_id: int, subscription_id: int | None, limit: int) -> Sequence[PostedPaper]:
        """Return the papers that were posted in a channel, the latest first.

        With a subscription, only its own.
        """
        ...

    async def last_dates(self, channel_ids: Collection[int]) -> dict[int, date]:
        """Return the local date of each channel's latest digest, warnings left out."""
        ...

    async def planned_keys(self, channel_ids: Collection[int], since: date) -> frozenset[DigestKey]:
        """Return which slots and local dates of the channels have a digest, from `since` on."""
        ...

    async def channels_warned(
        self, channel_ids: Collection[int], since: date, warning: str
    ) -> frozenset[int]:
        """Return which of the channels got this warning, from local date `since` on."""
        ...
