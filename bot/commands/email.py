"""`email`: get papers by mail. The owner of the address confirms it first."""

import re
from collections.abc import Mapping

from bot.commands.subscribe import DAYS, NO, SUBSCRIBE, TOP, TOPIC, TRENDING, YES
from bot.conversation.command import Command, CommandContext
from bot.conversation.parameters import POST_AT, TIMEZONE
from bot.domain.account import Identity
from bot.domain.channel import Platform
from bot.domain.errors import DeliveryError, UserError
from bot.domain.mailbox import MailboxRequest, mail_address
from bot.posting.stopping import end_all
from bot.protocol import values
from bot.protocol.arguments import Parameter, cut
from bot.protocol.replies import Notice, Reply, Tone

OFF = "off"
MOST_TOPICS = 5
"""Topics of a channel that one mailbox takes over, at most."""
EVERY_CHOICES = ("daily", "weekly")
_WEEKLY = "mon"
TRENDING_NAME = "Trending"
"""The name under which a mailbox gets what trends."""

_MAILTO = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")
"""How Slack writes a mail address that somebody types."""


def _typed(raw: str) -> str:
    return _MAILTO.sub(r"\1", values.text(raw))


ADDRESS = Parameter(
    "address",
    _typed,
    "where to send them; off ends your mails",
    "ada@example.org",
    required=True,
    positional=True,
)
OWN_TOPIC = Parameter(
    "topic", values.topic, "a topic of your own; without it, this channel's", "mixture of experts"
)
EVERY = Parameter(
    "every",
    values.one_of(EVERY_CHOICES),
    "daily, or weekly on Mondays",
    "weekly",
    choices=EVERY_CHOICES,
)
ALSO_TRENDING = Parameter(
    TRENDING.name, values.one_of((YES, NO)), "yes: what trends in the team, too", YES, choices=(YES, NO)
)


def request_of(
    address: str,
    options: Mapping[str, str],
    topics: tuple[str, ...] = (),
    *,
    team_id: int | None = None,
    asked_by: Identity | None = None,
) -> MailboxRequest:
    """Check a wish for papers by mail. `options` may name a `topic`, in place of `topics`.

    Raises:
        UserError: the address or an option is none.

    """
    try:
        known = mail_address(address)
    except ValueError:
        raise UserError(f"“{cut(address)}” isn't a mail address that I can write to.", "address") from None
    if own := options.get(TOPIC.name, ""):
        topics = (own,)
    trending = options.get(TRENDING.name) == YES
    if not (topics or trending):
        raise UserError('Name a topic, such as `topic:"mixture of experts"`.', "topic")
    names = (POST_AT.name, TIMEZONE.name, DAYS.name, TOP.name)
    kept = {name: options[name] for name in names if options.get(name)}
    if options.get(EVERY.name) == "weekly" and DAYS.name not in kept:
        kept[DAYS.name] = _WEEKLY
    for each in topics or (TRENDING_NAME,):
        SUBSCRIBE.read({TOPIC.name: each, **kept})
    return MailboxRequest(known, topics, kept, trending, team_id, asked_by)


async def handle(ctx: CommandContext) -> Reply:
    """Send the address a link to confirm with, or end the mails of whoever asks."""
    address, mailboxes = ctx.arguments.need(ADDRESS), ctx.services.mailboxes
    if mailboxes is None:
        raise UserError("I can't send mails: whoever runs me has set up no mail server.")
    if address.lower() == OFF:
        return await _end(ctx, mailboxes.platform)
    request = request_of(
        address,
        _options(ctx),
        await _channel_topics(ctx),
        team_id=ctx.context.team_id,
        asked_by=ctx.services.accounts.identity_of(ctx.context),
    )
    try:
        taken = await mailboxes.ask(request)
    except DeliveryError as failure:
        raise UserError(f"I can't send mails to {request.address}. {failure}") from None
    if not taken:
        return Notice(
            f"The mail server didn't take my mail to {request.address}. I'll try again for a day.",
            Tone.WARNING,
            "Once it comes, follow its link within three days to confirm.",
        )
    return Notice(
        f"I've sent a mail to {request.address}. Follow its link within three days to confirm.",
        Tone.DONE,
        "End your mails with `email off`, or with the link in each.",
    )


def _options(ctx: CommandContext) -> dict[str, str]:
    """Return the options as text again, with the channel's own time where none is given."""
    given, settings = ctx.arguments, ctx.context.channel.settings
    at, days, top = given.get(POST_AT), given.get(DAYS), given.get(TOP)
    return {
        TOPIC.name: given.get(OWN_TOPIC) or "",
        POST_AT.name: f"{settings.post_at if at is None else at:%H:%M}",
        TIMEZONE.name: given.get(TIMEZONE) or settings.timezone,
        DAYS.name: "" if days is None else values.weekdays_written(days),
        TOP.name: "" if top is None else str(top),
        EVERY.name: given.get(EVERY) or "",
        TRENDING.name: given.get(ALSO_TRENDING) or "",
    }


async def _channel_topics(ctx: CommandContext) -> tuple[str, ...]:
    async with ctx.services.store.reading() as tx:
        found = await tx.subscriptions.of_channel(ctx.context.channel.id)
    standing = [each.spec for each in found if not (each.paused or each.spec.trending)]
    return tuple(each.topic for each in standing)[:MOST_TOPICS]


async def _end(ctx: CommandContext, platform: Platform) -> Reply:
    """End the mails of this team to the person's mailboxes."""
    async with ctx.services.store.writing() as tx:
        account_id = await tx.accounts.find(ctx.services.accounts.identity_of(ctx.context))
        known = [] if account_id is None else await tx.accounts.memberships(account_id)
        own = [
            each.origin()
            for each in known
            if (each.platform, each.team_id) == (platform, ctx.context.team_id)
        ]
        mailboxes = await tx.directory.find_contexts(own)
        ended = [
            each for found in mailboxes if found for each in await end_all(tx, found.channel.id, ctx.now)
        ]
    if not ended:
        return Notice("I send you no papers by mail.", hint="Begin with `email ADDRESS`.")
    return Notice("I no longer send you papers by mail.", Tone.DONE)


EMAIL = Command(
    "email",
    "Get papers by mail",
    handle,
    (ADDRESS, OWN_TOPIC, EVERY, POST_AT, TIMEZONE, DAYS, TOP, ALSO_TRENDING),
    (
        "email ada@example.org",
        "email ada@example.org trending:yes",
        'email ada@example.org topic:"mixture of experts" every:weekly at:08:00 tz:Europe/Paris',
        "email off",
    ),
    private=True,
)
