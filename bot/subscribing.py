"""Keeping the due rows in step with the subscriptions."""

from datetime import datetime

from bot.digest import days_of
from bot.models import Slot, Subscription
from bot.repositories import Transaction
from bot.schedule import next_time


async def reschedule(tx: Transaction, channel_id: int, slot: Slot, now: datetime) -> None:
    """Set when a channel's slot is due from its subscriptions; a slot that is due already stays so."""
    subscriptions = await tx.subscriptions.of_channel(channel_id)
    active = [each for each in subscriptions if not each.paused and each.wanted.slot == slot]
    if not active:
        await tx.schedule.set_due(channel_id, slot, None)
        return
    due = await tx.schedule.get(channel_id, slot)
    if due is None or due > now:
        await tx.schedule.set_due(channel_id, slot, next_time(slot, days_of(active), now))


def next_post(subscription: Subscription, now: datetime) -> datetime | None:
    """When a subscription posts next, in its own zone; None while it is paused."""
    if subscription.paused:
        return None
    return next_time(subscription.wanted.slot, subscription.wanted.days, now)
