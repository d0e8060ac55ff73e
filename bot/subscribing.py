"""Keeping the due rows in step with the subscriptions."""

from collections.abc import Sequence
from datetime import datetime

from bot.models import EVERY_DAY, Slot, Subscription, Weekday
from bot.repositories import Transaction
from bot.schedule import next_time


async def reschedule(tx: Transaction, channel_id: int, slot: Slot, now: datetime) -> None:
    """Set when a channel's slot is due from its subscriptions; a slot that is due already stays so."""
    await tx.schedule.hold(channel_id)
    due = await tx.schedule.get(channel_id, slot)
    if due is None or due > now or not await posting_at(tx, channel_id, slot):
        await move_on(tx, channel_id, slot, now)


async def move_on(tx: Transaction, channel_id: int, slot: Slot, now: datetime) -> None:
    """Set when a channel's slot is due next after `now`; a slot of no subscription ends."""
    await tx.schedule.hold(channel_id)
    subscriptions = await posting_at(tx, channel_id, slot)
    following = None
    if subscriptions:
        following = await _next_free(tx, channel_id, slot, days_of(subscriptions), now)
    await tx.schedule.set_due(channel_id, slot, following)


async def posting_at(tx: Transaction, channel_id: int, slot: Slot) -> list[Subscription]:
    """The channel's subscriptions that post at this slot."""
    subscriptions = await tx.subscriptions.of_channel(channel_id)
    return [each for each in subscriptions if not each.paused and each.wanted.slot == slot]


def days_of(subscriptions: Sequence[Subscription]) -> frozenset[Weekday]:
    """The days on which any of the subscriptions posts; every day where there are none."""
    return frozenset(day for each in subscriptions for day in each.wanted.days) or EVERY_DAY


async def next_post(tx: Transaction, subscription: Subscription, now: datetime) -> datetime | None:
    """When a subscription posts next, in its own zone; None while it is paused."""
    if subscription.paused:
        return None
    wanted = subscription.wanted
    return await _next_free(tx, subscription.channel_id, wanted.slot, wanted.days, now)


async def _next_free(
    tx: Transaction, channel_id: int, slot: Slot, days: frozenset[Weekday], now: datetime
) -> datetime:
    """The slot's next time; the one after it where that day's digest was posted ahead of its time."""
    moment = next_time(slot, days, now)
    if await tx.digests.planned(channel_id, slot, moment.date()):
        return next_time(slot, days, moment)
    return moment
