"""Subscriptions."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context
from bot.domain.subscription import Subscription, SubscriptionSpec


class Subscriptions(Protocol):
    """The topics that channels follow."""

    async def put(self, context: Context, spec: SubscriptionSpec, now: datetime) -> tuple[Subscription, bool]:
        """Subscribe the channel, or change its subscription to that topic. Also returns whether it was there.

        A change resumes a paused subscription. Its creator stays the same.
        """
        ...

    async def of_channel(self, channel_id: int) -> list[Subscription]:
        """Return a channel's subscriptions, paused ones too, by topic."""
        ...

    async def of_channels(self, channel_ids: Collection[int]) -> dict[int, list[Subscription]]:
        """Return each channel's subscriptions, paused ones too, by topic."""
        ...

    async def get(self, channel_id: int, subscription_id: int) -> Subscription | None:
        """Return one of the channel's subscriptions, None if it has ended or never was."""
        ...

    async def find_by_topic(self, channel_id: int, topic: str) -> Subscription | None:
        """Return the channel's subscription to a topic. Case, width and spaces do not matter."""
        ...

    async def pause(self, channel_id: int, subscription_id: int, *, paused: bool) -> bool:
        """Pause or resume a subscription. Returns False if there is none."""
        ...

    async def end(self, channel_id: int, subscription_id: int) -> bool:
        """End a subscription. Returns False if there is none. Its past digests stay."""
        ...
