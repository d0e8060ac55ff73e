"""`subscribe`: post a topic's new papers in this channel."""

from typing import TypeVar

from bot.conversation.command import Command, CommandContext, FormValues, ForPrograms
from bot.conversation.lists import hits_for
from bot.conversation.parameters import CATEGORIES, POST_AT, TIMEZONE
from bot.domain.channel import ChannelSettings
from bot.domain.errors import UserError
from bot.domain.permissions import require_editor
from bot.domain.subscription import Slot, Subscription, SubscriptionSpec
from bot.posting.due_times import next_post, reschedule
from bot.posting.matcher import TopicMatcher, TopicQuery
from bot.protocol import values
from bot.protocol.arguments import Parameter, SuggestionKind
from bot.protocol.replies import Hit, Reply, Subscribed

T = TypeVar("T")

TOPIC = Parameter(
    "topic",
    values.topic,
    "the topic in a few words",
    "mixture of experts",
    required=True,
    positional=True,
    label="Topic",
    suggestions=SuggestionKind.TOPIC,
)
MIN_VOTES = Parameter(
    "min",
    values.WholeNumber(0, 100_000),
    "only papers with so many up-votes",
    "3",
    label="Least up-votes",
    blank="0",
)
TOP = Parameter(
    "top", values.WholeNumber(1, 20), "at most so many papers a day", "5", label="Most papers a day"
)
PAPERS_A_DAY = 5
DAYS = Parameter("days", values.weekdays, "on which days", "mon-fri", repeatable=True, label="Days")

YES, NO = "yes", "no"
TRENDING = Parameter(
    "trending",
    values.one_of((YES, NO)),
    "yes: what trends in the team; the topic is then only its name",
    YES,
    choices=(YES, NO),
    label="What trends instead",
)


async def handle(ctx: CommandContext) -> Reply:
    """Subscribe the channel, or change its subscription to the topic, and preview last week's papers."""
    require_editor(ctx.context)
    channel = ctx.context.channel
    async with ctx.services.store.writing() as tx:
        # The planner takes the same lock, so a digest has the old subscription or the new one, never half.
        await tx.schedule.lock_channels(channel.id)
        before = await tx.subscriptions.find_by_topic(channel.id, ctx.arguments.need(TOPIC))
        spec = _spec(ctx, before.spec if before else None)
        subscription, changed = await tx.subscriptions.put(ctx.context, spec, ctx.now)
        # Moving a subscription leaves its old slot, which may have no other: recompute both.
        for slot in {spec.slot, before.spec.slot if before else spec.slot}:
            await reschedule(tx, channel.id, slot, ctx.now)
        following = await next_post(tx, subscription, ctx.now)
    # A new slot may be due before the workers would look again.
    await ctx.services.wakeup.wake()
    assert following is not None, "to subscribe lets a paused subscription go on"
    return Subscribed(subscription, following, await _preview(ctx, subscription), changed)


def _spec(ctx: CommandContext, before: SubscriptionSpec | None) -> SubscriptionSpec:
    """Return the requested subscription. Options that are not given stay as they are."""
    given = ctx.arguments
    topic = given.need(TOPIC)
    if before is None:
        before = _new(topic, ctx.context.channel.settings)
    return SubscriptionSpec(
        topic=topic,
        slot=Slot(
            _given_or(given.get(POST_AT), before.slot.at),
            _given_or(given.get(TIMEZONE), before.slot.timezone),
        ),
        days=_given_or(given.get(DAYS), before.days),
        categories=_given_or(given.get(CATEGORIES), before.categories),
        min_votes=_given_or(given.get(MIN_VOTES), before.min_votes),
        top=_given_or(given.get(TOP), before.top),
        trending=before.trending if (trending := given.get(TRENDING)) is None else trending == YES,
    )


def _new(topic: str, settings: ChannelSettings) -> SubscriptionSpec:
    return SubscriptionSpec(topic, Slot(settings.post_at, settings.timezone), top=PAPERS_A_DAY)


async def fill(ctx: CommandContext, subject: int | None) -> FormValues:
    """Return the form's values: those of subscription `subject`, or the defaults of a new one."""
    require_editor(ctx.context)
    channel = ctx.context.channel
    if subject is None:
        return FormValues(f"Subscribe {channel.name}", _form_values(_new("", channel.settings)))
    async with ctx.services.store.reading() as tx:
        subscription = await tx.subscriptions.get(channel.id, subject)
    if subscription is None:
        raise UserError("That subscription has ended. See those that stand with `subscriptions`.")
    topic = subscription.spec.topic
    return FormValues(f"Change “{topic}”", _form_values(subscription.spec), {TOPIC.name: topic})


def _form_values(spec: SubscriptionSpec) -> dict[str, str]:
    return {
        TOPIC.name: spec.topic,
        CATEGORIES.name: ",".join(sorted(spec.categories)),
        MIN_VOTES.name: str(spec.min_votes),
        TOP.name: str(spec.top),
        POST_AT.name: f"{spec.slot.at:%H:%M}",
        TIMEZONE.name: spec.slot.timezone,
        DAYS.name: values.weekdays_written(spec.days),
        TRENDING.name: YES if spec.trending else NO,
    }


def _given_or(given: T | None, standing: T) -> T:
    return standing if given is None else given


async def _preview(ctx: CommandContext, subscription: Subscription) -> tuple[Hit, ...]:
    services, channel = ctx.services, ctx.context.channel
    matcher = TopicMatcher(services.store, services.search, ctx.today)
    (matches,) = await matcher.match([TopicQuery(channel, subscription.spec)])
    shown = matches[: subscription.spec.top]
    async with services.store.reading() as tx:
        return await hits_for(tx, ctx, [match.paper_id for match in shown], private=False)


SUBSCRIBE = Command(
    "subscribe",
    "Post a topic's new papers in this channel",
    handle,
    (TOPIC, CATEGORIES, MIN_VOTES, TOP, POST_AT, TIMEZONE, DAYS, TRENDING),
    (
        "subscribe mixture of experts",
        "subscribe vision transformers cat:cs.CV top:3 at:18:30 tz:Europe/Paris days:mon-fri",
        "subscribe what we like trending:yes",
    ),
    changes=True,
    fill=fill,
    programs=ForPrograms.WRITES,
)
