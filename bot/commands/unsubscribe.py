"""`unsubscribe`: stop posting a topic in this channel."""

from bot.conversation.command import Command, CommandContext, ForPrograms
from bot.domain.errors import UserError
from bot.domain.permissions import require_editor
from bot.domain.subscription import Subscription
from bot.posting.due_times import reschedule
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind, cut, did_you_mean
from bot.protocol.replies import Notice, Reply, Tone

TOPIC = Parameter(
    "topic",
    values.text,
    "which topic, in words or by its number",
    "mixture of experts",
    required=True,
    positional=True,
    suggestions=SuggestionKind.SUBSCRIPTION,
)


async def handle(ctx: CommandContext) -> Reply:
    """End the named subscription, and cancel the posts planned for it."""
    channel = ctx.context.channel
    require_editor(ctx.context)
    async with ctx.services.store.writing() as tx:
        await tx.schedule.lock_channels(channel.id)
        subscription = _find(ctx.arguments.need(TOPIC), await tx.subscriptions.of_channel(channel.id))
        await tx.subscriptions.end(channel.id, subscription.id)
        await tx.digests.cancel_inactive(channel.id)
        await reschedule(tx, channel.id, subscription.spec.slot, ctx.now)
    topic = subscription.spec.topic
    return Notice(
        f"{channel.name} is no longer subscribed to “{topic}”.",
        Tone.DONE,
        f"Take it up again: `subscribe {topic}`",
    )


def _find(words: str, subscriptions: list[Subscription]) -> Subscription:
    for each in subscriptions:
        if words.casefold() == each.spec.topic.casefold() or words.lstrip("#") == str(each.id):
            return each
    if not subscriptions:
        raise UserError("This channel has no subscriptions. Begin one with `subscribe TOPIC`.")
    near = did_you_mean(words, [each.spec.topic.lower() for each in subscriptions])
    raise UserError(f"This channel is not subscribed to “{cut(words)}”.{near} See all with `subscriptions`.")


UNSUBSCRIBE = Command(
    "unsubscribe",
    "End a topic's posts in this channel",
    handle,
    (TOPIC,),
    ("unsubscribe mixture of experts", "unsubscribe 3"),
    changes=True,
    programs=ForPrograms.WRITES,
)
