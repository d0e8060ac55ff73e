"""`subscribe`: a topic's new papers, posted in this channel."""

from bot import values
from bot.arguments import Parameter
from bot.command import Call, Command
from bot.lists import hits_for
from bot.matching import fitting_papers
from bot.models import EVERY_DAY, Slot, Subscription, SubscriptionDraft
from bot.parameters import CATEGORIES, POST_AT, TIMEZONE
from bot.permissions import require_changer
from bot.replies import Hit, Reply, Subscribed
from bot.schedule import next_time
from bot.subscribing import reschedule

TOPIC = Parameter(
    "topic", values.text, "the topic in a few words", "mixture of experts", required=True, positional=True
)
MIN_VOTES = Parameter("min", values.count(0, 100_000), "only papers with so many up-votes", "3")
TOP = Parameter("top", values.count(1, 20), "at most so many papers a day", "5")
PAPERS_A_DAY = 5
DAYS = Parameter("days", values.weekdays, "on which days", "mon-fri")


async def handle(call: Call) -> Reply:
    """Subscribe the channel, or change its subscription to that topic, and show what the last week had."""
    require_changer(call.here)
    channel = call.here.channel
    async with call.services.store.writing() as tx:
        before = {each.id: each for each in await tx.subscriptions.of_channel(channel.id)}
        subscription, changed = await tx.subscriptions.put(call.here, _wanted(call), call.now)
        slots = {subscription.wanted.slot}
        if changed:
            slots.add(before[subscription.id].wanted.slot)
        for slot in slots:
            await reschedule(tx, channel.id, slot, call.now)
    await call.services.wakeup.ring()
    wanted = subscription.wanted
    next_post = next_time(wanted.slot, wanted.days, call.now)
    return Subscribed(subscription, next_post, await _preview(call, subscription), changed)


def _wanted(call: Call) -> SubscriptionDraft:
    given, settings = call.arguments, call.here.channel.settings
    return SubscriptionDraft(
        topic=given.need(TOPIC),
        slot=Slot(
            settings.post_at if (at := given.get(POST_AT)) is None else at,
            given.get(TIMEZONE) or settings.timezone,
        ),
        days=given.get(DAYS) or EVERY_DAY,
        categories=given.get(CATEGORIES) or frozenset(),
        min_votes=given.get(MIN_VOTES) or 0,
        top=given.get(TOP) or PAPERS_A_DAY,
    )


async def _preview(call: Call, subscription: Subscription) -> tuple[Hit, ...]:
    services, channel = call.services, call.here.channel
    matches = await fitting_papers(services.store, services.search, channel, subscription.wanted, call.today)
    shown = matches[: subscription.wanted.top]
    async with services.store.reading() as tx:
        return await hits_for(tx, call, [match.paper_id for match in shown], private=False)


SUBSCRIBE = Command(
    "subscribe",
    "Post a topic's new papers in this channel every day",
    handle,
    (TOPIC, CATEGORIES, MIN_VOTES, TOP, POST_AT, TIMEZONE, DAYS),
    (
        "subscribe mixture of experts",
        "subscribe vision transformers cat:cs.CV top:3 at:18:30 tz:Europe/Paris days:mon-fri",
    ),
)
