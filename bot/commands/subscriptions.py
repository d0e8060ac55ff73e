"""`subscriptions`: what a channel is subscribed to, who asked for it, and pausing it."""

from bot import values
from bot.arguments import Parameter
from bot.command import Call, Command
from bot.errors import UserError
from bot.permissions import require_changer
from bot.replies import Notice, Reply, SubscriptionList, SubscriptionRow
from bot.subscribing import next_post, reschedule

PAUSE = Parameter("pause", values.count(1, 10**9 - 1), "the number of a subscription to pause", "3")
RESUME = Parameter("resume", values.count(1, 10**9 - 1), "the number of a subscription to go on with", "3")


async def handle(call: Call) -> Reply:
    """List the channel's subscriptions, after pausing or resuming one if asked."""
    channel = call.here.channel
    for parameter, paused in ((PAUSE, True), (RESUME, False)):
        subscription_id = call.arguments.get(parameter)
        if subscription_id is not None:
            await _pause(call, subscription_id, paused=paused)
    async with call.services.store.reading() as tx:
        rows = tuple(
            [
                SubscriptionRow(each, await next_post(tx, each, call.now))
                for each in await tx.subscriptions.of_channel(channel.id)
            ]
        )
    if not rows:
        return Notice(f"{channel.name} has no subscriptions yet.", hint="Begin one with `subscribe TOPIC`.")
    return SubscriptionList(channel.name, rows)


async def _pause(call: Call, subscription_id: int, *, paused: bool) -> None:
    require_changer(call.here)
    channel_id = call.here.channel.id
    async with call.services.store.writing() as tx:
        subscription = await tx.subscriptions.get(channel_id, subscription_id)
        if subscription is None:
            raise UserError(f"There is no subscription {subscription_id} here. See all with `subscriptions`.")
        await tx.subscriptions.pause(channel_id, subscription_id, paused=paused)
        await reschedule(tx, channel_id, subscription.wanted.slot, call.now)
    await call.services.wakeup.ring()


SUBSCRIPTIONS = Command(
    "subscriptions",
    "List this channel's subscriptions, and pause or resume them",
    handle,
    (PAUSE, RESUME),
    ("subscriptions", "subscriptions pause:3"),
    private=True,
    changes=True,
)
