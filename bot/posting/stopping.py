"""Ends all that is posted in a channel, as when somebody unsubscribes their mailbox."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.subscription import Subscription
from bot.ports.store.store import Transaction
from bot.posting.due_times import reschedule


async def end_all(tx: Transaction, channel_id: int, now: datetime) -> Sequence[Subscription]:
    """End a channel's subscriptions and cancel their planned posts. Return what was ended."""
    await tx.schedule.lock_channels(channel_id)
    ended = await tx.subscriptions.of_channel(channel_id)
    for each in ended:
        await tx.subscriptions.end(channel_id, each.id)
    await tx.digests.cancel_inactive(channel_id)
    for slot in {each.spec.slot for each in ended}:
        await reschedule(tx, channel_id, slot, now)
    return ended
