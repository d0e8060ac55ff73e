"""Keeps the times at which slots are due in step with the subscriptions."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from bot.domain.post import DigestKey
from bot.domain.schedule import next_time
from bot.domain.subscription import EVERY_DAY, Slot, Subscription, Weekday
from bot.ports.store.store import Transaction


async def reschedule(tx: Transaction, channel_id: int, slot: Slot, now: datetime) -> None:
    """Recompute when a channel's slot is due, after its subscriptions changed.

    A slot that is due already stays due: its digest of today must not be skipped.
    """
    await tx.schedule.lock_channels(channel_id)
    due = await tx.schedule.get(channel_id, slot)
    if due is None or due > now or not await load_subscriptions_at(tx, channel_id, slot):
        await advance_slots(tx, [(channel_id, slot)], now)


async def advance_slots(tx: Transaction, slots: Collection[tuple[int, Slot]], now: datetime) -> None:
    """Set each slot's next time after `now`. A slot without subscriptions is removed.

    Dates that have a digest already, posted early by hand, are skipped.
    """
    channel_ids = {channel_id for channel_id, _ in slots}
    await tx.schedule.lock_channels(*channel_ids)
    subscriptions = await tx.subscriptions.of_channels(channel_ids)
    planned = await tx.digests.planned_keys(channel_ids, _yesterday(now))
    times: dict[tuple[int, Slot], datetime | None] = {}
    for channel_id, slot in slots:
        posting = subscriptions_at(subscriptions[channel_id], slot)
        due = _next_free(channel_id, slot, days_of(posting), planned, now) if posting else None
        times[channel_id, slot] = due
    await tx.schedule.set_due(times, now)


async def load_subscriptions_at(tx: Transaction, channel_id: int, slot: Slot) -> list[Subscription]:
    """Return the channel's subscriptions that post at this slot, paused ones left out."""
    return subscriptions_at(await tx.subscriptions.of_channel(channel_id), slot)


def subscriptions_at(subscriptions: Sequence[Subscription], slot: Slot) -> list[Subscription]:
    """Return the subscriptions that post at this slot, paused ones left out."""
    return [each for each in subscriptions if not each.paused and each.spec.slot == slot]


def days_of(subscriptions: Sequence[Subscription]) -> frozenset[Weekday]:
    """Return the days on which any of the subscriptions posts; every day if there are none."""
    return frozenset(day for each in subscriptions for day in each.spec.days) or EVERY_DAY


async def next_post(tx: Transaction, subscription: Subscription, now: datetime) -> datetime | None:
    """Return when a subscription posts next, in its own time zone; None while it is paused."""
    if subscription.paused:
        return None
    channel_id, spec = subscription.channel_id, subscription.spec
    planned = await tx.digests.planned_keys([channel_id], _yesterday(now))
    return _next_free(channel_id, spec.slot, spec.days, planned, now)


def _next_free(
    channel_id: int, slot: Slot, days: frozenset[Weekday], planned: frozenset[DigestKey], now: datetime
) -> datetime:
    """Return the slot's next time on a date that has no digest yet."""
    moment = next_time(slot, days, now)
    while (channel_id, slot, moment.date()) in planned:
        moment = next_time(slot, days, moment)
    return moment


def _yesterday(now: datetime) -> date:
    """Return a UTC date that is over in every time zone, so that it bounds the look-up of digests."""
    return now.date() - timedelta(days=1)
