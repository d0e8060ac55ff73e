"""`feed`: the secret addresses at which a feed reader follows this channel and one's reading list."""

import secrets

from bot.conversation.accounts import hash_of
from bot.conversation.command import Command, CommandContext
from bot.domain.errors import UserError
from bot.ports.store.store import Transaction
from bot.protocol import values
from bot.protocol.arguments import Parameter
from bot.protocol.replies import Notice, Reply

ADDRESSES_KEPT = 5
"""Addresses that a person has of one feed, at most. Each reader may have its own."""
YES = ("yes",)
RENEW = Parameter("renew", values.one_of(YES), "yes: end all earlier addresses", "yes", choices=YES)


async def handle(ctx: CommandContext) -> Reply:
    """Show new addresses, which work beside the earlier ones unless these are to end.

    Only hashes are stored, so an address cannot be shown again: whoever asks again gets another.
    """
    if not ctx.services.public_url:
        raise UserError(
            "I can't give you addresses: I don't know under which one people reach me. "
            "Whoever runs me sets PAPERCLUB_PUBLIC_URL."
        )
    renew = ctx.arguments.get(RENEW) is not None
    channel = ctx.context.channel
    async with ctx.services.store.writing() as tx:
        topics = await tx.subscriptions.of_channel(channel.id)
        of_channel = await _address(tx, ctx, channel.id, renew=renew)
        own = await _address(tx, ctx, None, renew=renew)
    lines = [
        "Give these to your feed reader:",
        f"What I post {'here' if channel.direct else f'in {channel.name}'}: {of_channel}",
        *(f"Only “{each.spec.topic}”: {of_channel}?topic={each.id}" for each in topics),
        f"Your reading list: {own}",
    ]
    hint = "Whoever has an address can read along. `feed renew:yes` ends the earlier ones."
    return Notice("\n".join(lines), hint="The earlier addresses no longer work." if renew else hint)


async def _address(tx: Transaction, ctx: CommandContext, channel_id: int | None, *, renew: bool) -> str:
    secret = secrets.token_urlsafe(24)
    if renew:
        await tx.feed_addresses.end(ctx.context, channel_id)
    await tx.feed_addresses.add(ctx.context, channel_id, hash_of(secret), ctx.now, ADDRESSES_KEPT)
    return f"{ctx.services.public_url}/feeds/{secret}.atom"


FEED = Command(
    "feed",
    "Follow this channel and your reading list in a feed reader",
    handle,
    (RENEW,),
    ("feed", "feed renew:yes"),
    private=True,
    changes=True,
)
