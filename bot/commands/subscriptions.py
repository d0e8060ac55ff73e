"""`subscriptions`: list a channel's subscriptions, and pause or resume them."""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.conversation.lists import SUBSCRIPTIONS_A_PAGE, rows_before, rows_pages
from bot.conversation.parameters import PAGE
from bot.domain.errors import UserError
from bot.domain.permissions import require_editor
from bot.domain.subscription import Subscription
from bot.posting.due_times import next_post, reschedule
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind
from bot.protocol.replies import Notice, Reply, SubscriptionList, SubscriptionRow

PAUSE = Parameter(
    "pause",
    values.WholeNumber(1, 10**9 - 1),
    "the number of a subscription to pause",
    "3",
    suggestions=SuggestionKind.SUBSCRIPTION,
)
RESUME = Parameter(
    "resume",
    values.WholeNumber(1, 10**9 - 1),
    "the number of a subscription to go on with",
    "3",
    suggestions=SuggestionKind.SUBSCRIPTION,
)


async def handle(ctx: CommandContext) -> Reply:
    """Pause or resume a subscription if asked to, then list the channel's subscriptions."""
    channel = ctx.context.channel
    changed = None
    for parameter, paused in ((PAUSE, True), (RESUME, False)):
        subscription_id = ctx.arguments.get(parameter)
        if subscription_id is not None:
            await _pause(ctx, subscription_id, paused=paused)
            changed = subscription_id
    async with ctx.services.store.reading() as tx:
        subscriptions = await tx.subscriptions.of_channel(channel.id)
        ctx = replace(ctx, page=_page_of(changed, subscriptions) or ctx.page)
        start = rows_before(ctx, SUBSCRIPTIONS_A_PAGE)
        shown = subscriptions[start : start + SUBSCRIPTIONS_A_PAGE]
        rows = [SubscriptionRow(each, await next_post(tx, each, ctx.now)) for each in shown]
    if not subscriptions:
        hint = "Begin one with `subscribe TOPIC`."
        return Notice(f"{channel.name} has no subscriptions yet.", hint=hint)
    total = len(subscriptions)
    pages = await rows_pages(ctx, "subscriptions", total, private=True, size=SUBSCRIPTIONS_A_PAGE)
    return SubscriptionList(channel.name, tuple(rows), pages)


def _page_of(subscription_id: int | None, subscriptions: Sequence[Subscription]) -> int | None:
    """Return the page that the subscription is on, so that its button's answer shows it."""
    places = (place for place, each in enumerate(subscriptions) if each.id == subscription_id)
    return next((place // SUBSCRIPTIONS_A_PAGE + 1 for place in places), None)


async def _pause(ctx: CommandContext, subscription_id: int, *, paused: bool) -> None:
    require_editor(ctx.context)
    channel_id = ctx.context.channel.id
    async with ctx.services.store.writing() as tx:
        await tx.schedule.lock_channels(channel_id)
        subscription = await tx.subscriptions.get(channel_id, subscription_id)
        if subscription is None:
            raise UserError(f"There is no subscription {subscription_id} here. See all with `subscriptions`.")
        await tx.subscriptions.pause(channel_id, subscription_id, paused=paused)
        if paused:
            await tx.digests.cancel_inactive(channel_id)
        await reschedule(tx, channel_id, subscription.spec.slot, ctx.now)
    await ctx.services.wakeup.wake()


SUBSCRIPTIONS = Command(
    "subscriptions",
    "List this channel's subscriptions, and pause or resume them",
    handle,
    (PAUSE, RESUME, PAGE),
    ("subscriptions", "subscriptions pause:3"),
    private=True,
    changes=True,
    programs=ForPrograms.BOTH,
)
