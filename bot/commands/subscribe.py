"""`subscribe`: a topic's new papers, posted in this channel."""

from typing import TypeVar

from bot import values
from bot.arguments import Parameter
from bot.command import Call, Command
from bot.lists import hits_for
from bot.matching import fitting_papers
from bot.models import Slot, Subscription, SubscriptionDraft
from bot.parameters import CATEGORIES, POST_AT, TIMEZONE
from bot.permissions import require_changer
from bot.replies import Hit, Reply, Subscribed
from bot.subscribing import next_post, reschedule

T = TypeVar("T")

TOPIC = Parameter(
    "topic", values.text, "the topic in a few words", "mixture of experts", required=True, positional=True
)
MIN_VOTES = Parameter("min", values.count(0, 100_000), "only papers with so many up-votes", "3")
TOP = Parameter("top", values.count(1, 20), "at most so many papers a day", "5")
PAPERS_A_DAY = 5
DAYS = Parameter("days", values.weekdays, "on which days", "mon-fri", listed=True)


async def handle(call: Call) -> Reply:
    """Subscribe the channel, or change its subscription to that topic, and show what the last week had."""
    require_changer(call.here)
    channel = call.here.channel
    async with call.services.store.writing() as tx:
        await tx.schedule.hold(channel.id)
        before = await tx.subscriptions.on_topic(channel.id, call.arguments.need(TOPIC))
        wanted = _wanted(call, before.wanted if before else None)
        subscription, changed = await tx.subscriptions.put(call.here, wanted, call.now)
        for slot in {wanted.slot, before.wanted.slot if before else wanted.slot}:
            await reschedule(tx, channel.id, slot, call.now)
        following = await next_post(tx, subscription, call.now)
    await call.services.wakeup.ring()
    assert following is not None, "to subscribe lets a paused subscription go on"
    return Subscribed(subscription, following, await _preview(call, subscription), changed)


def _wanted(call: Call, before: SubscriptionDraft | None) -> SubscriptionDraft:
    """What is asked for; options that are not named stay as they are."""
    given, settings = call.arguments, call.here.channel.settings
    topic = given.need(TOPIC)
    if before is None:
        before = SubscriptionDraft(topic, Slot(settings.post_at, settings.timezone), top=PAPERS_A_DAY)
    return SubscriptionDraft(
        topic=topic,
        slot=Slot(
            _chosen(given.get(POST_AT), before.slot.at), _chosen(given.get(TIMEZONE), before.slot.timezone)
        ),
        days=_chosen(given.get(DAYS), before.days),
        categories=_chosen(given.get(CATEGORIES), before.categories),
        min_votes=_chosen(given.get(MIN_VOTES), before.min_votes),
        top=_chosen(given.get(TOP), before.top),
    )


def _chosen(given: T | None, standing: T) -> T:
    return standing if given is None else given


async def _preview(call: Call, subscription: Subscription) -> tuple[Hit, ...]:
    services, channel = call.services, call.here.channel
    matches = await fitting_papers(services.store, services.search, channel, subscription.wanted, call.today)
    shown = matches[: subscription.wanted.top]
    async with services.store.reading() as tx:
        return await hits_for(tx, call, [match.paper_id for match in shown], private=False)


SUBSCRIBE = Command(
    "subscribe",
    "Post a topic's new papers in this channel",
    handle,
    (TOPIC, CATEGORIES, MIN_VOTES, TOP, POST_AT, TIMEZONE, DAYS),
    (
        "subscribe mixture of experts",
        "subscribe vision transformers cat:cs.CV top:3 at:18:30 tz:Europe/Paris days:mon-fri",
    ),
    changes=True,
)
