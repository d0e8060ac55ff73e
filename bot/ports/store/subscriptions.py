"""Subscriptions."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.channel import Context
from bot.domain.subscription import Subscription, SubscriptionSpec


class Subscriptions(Protocol):
    """What channels are subscribed to, and when they are due."""

    async def put(
        self, context: Context, wanted: SubscriptionSpec, now: datetime
    ) -> tuple[Subscription, bool]:
        """Subscribe the channel, or change its subscription to that topic; whether it was there before."""
        ...

    async def of_channel(self, channel_id: int) -> list[Subscription]:
        """A channel's subscriptions, paused ones as well, by topic."""
        ...

    async def of_channels(self, channel_ids: Collection[int]) -> dict[int, list[Subscription]]:
        """Each channel's subscriptions, paused ones as well, by topic."""
        ...

    async def get(self, channel_id: int, subscription_id: int) -> Subscription | None:
        """One of the channel's subscriptions."""
        ...

    async def find_by_topic(self, channel_id: int, topic: str) -> Subscription | None:
        """The channel's subscription to a topic, however its letters are written."""
        ...

    async def pause(self, channel_id: int, subscription_id: int, *, paused: bool) -> bool:
        """Pause a subscription or let it go on; whether it exists."""
        ...

    async def end(self, channel_id: int, subscription_id: int) -> bool:
        """Unsubscribe; whether there was anything to end. Its past digests stay."""
        ...
