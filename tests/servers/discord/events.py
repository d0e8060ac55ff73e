"""What happens to messages and reactions, each with the events that the gateway tells of it."""

from typing import Any

from tests.servers.discord.bodies import emoji_body, member_body, message_body
from tests.servers.discord.permissions import BITS, allowed
from tests.servers.discord.places import Channel, Message
from tests.servers.discord.sessions import Delivery
from tests.servers.discord.state import BOT, World


def seen_by_bot(world: World, channel: Channel) -> bool:
    return bool(allowed(world.guild_of(channel), channel, BOT) & BITS["VIEW_CHANNEL"])


def tell_of(world: World, event: str, channel: Channel, data: dict[str, Any], **more: Any) -> Delivery:
    """Tell of something in a channel to an app that can see it."""
    place = {} if channel.guild is None else {"guild_id": str(channel.guild)}
    hidden = {**more["hidden"], **place} if "hidden" in more else None
    seen = more.get("seen", True) and seen_by_bot(world, channel)
    told: Delivery = world.tell(event, {**data, **place}, channel.guild, hidden=hidden, seen=seen)
    return told


def message_event(world: World, event: str, message: Message) -> Delivery:
    """Tell of a message; what people wrote is left out for an app that did not ask for it."""
    channel = world.find_channel(message.channel)
    assert channel is not None
    whole, bare = (message_body(world, message, content=content) for content in (True, False))
    extra: dict[str, Any] = {} if message.nonce is None else {"nonce": message.nonce}
    guild = world.guild_of(channel)
    if guild is not None and message.author in guild.members and not message.through:
        extra["member"] = member_body(world, guild.members[message.author], user=False)
    return tell_of(
        world, event, channel, {**whole, **extra}, hidden={**bare, **extra}, seen=not message.ephemeral_to
    )


def post(world: World, message: Message) -> Delivery:
    """Keep a message and tell of it."""
    world.posted.append(message)
    channel = world.find_channel(message.channel)
    assert channel is not None
    if not message.ephemeral_to:
        channel.last_message = message.id
        channel.written += channel.is_thread and message.id != channel.id
    return message_event(world, "MESSAGE_CREATE", message)


def changed(world: World, message: Message) -> Delivery:
    """Tell that a message was changed."""
    message.edits += 1
    message.edited_at = world.clock()
    return message_event(world, "MESSAGE_UPDATE", message)


def place_of(message: Message) -> dict[str, str]:
    return {"channel_id": str(message.channel)}


def delete(world: World, message: Message) -> Delivery:
    message.deleted = True
    channel = world.find_channel(message.channel)
    assert channel is not None
    told = {"id": str(message.id), **place_of(message)}
    return tell_of(world, "MESSAGE_DELETE", channel, told, seen=not message.ephemeral_to)


def delete_many(world: World, messages: list[Message]) -> Delivery:
    """Delete messages of one channel together, which is told at once."""
    for message in messages:
        message.deleted = True
    channel = world.find_channel(messages[0].channel)
    assert channel is not None
    told = {"ids": [str(one.id) for one in messages], **place_of(messages[0])}
    return tell_of(world, "MESSAGE_DELETE_BULK", channel, told)


def reaction_event(world: World, event: str, message: Message, more: dict[str, Any]) -> Delivery:
    channel = world.find_channel(message.channel)
    assert channel is not None
    return tell_of(world, event, channel, {**place_of(message), "message_id": str(message.id), **more})


def add_reaction(world: World, message: Message, user: int, emoji: str) -> Delivery | None:
    """Add a reaction; one that stands already changes nothing."""
    users = message.reactions.setdefault(emoji, [])
    if user in users:
        return None
    users.append(user)
    more: dict[str, Any] = {"user_id": str(user), "emoji": emoji_body(emoji), "burst": False, "type": 0}
    more["message_author_id"] = str(message.author)
    guild = world.guilds.get(message.guild or 0)
    if guild is not None and user in guild.members:
        more["member"] = member_body(world, guild.members[user])
    return reaction_event(world, "MESSAGE_REACTION_ADD", message, more)


def remove_reaction(world: World, message: Message, user: int, emoji: str) -> Delivery | None:
    """Take a reaction away, if it stands."""
    users = message.reactions.get(emoji, [])
    if user not in users:
        return None
    users.remove(user)
    if not users:
        del message.reactions[emoji]
    more = {"user_id": str(user), "emoji": emoji_body(emoji), "burst": False, "type": 0}
    return reaction_event(world, "MESSAGE_REACTION_REMOVE", message, more)


def clear_reactions(world: World, message: Message, emoji: str | None = None) -> Delivery:
    """Take all reactions away, or all with one emoji."""
    if emoji is None:
        message.reactions.clear()
        return reaction_event(world, "MESSAGE_REACTION_REMOVE_ALL", message, {})
    message.reactions.pop(emoji, None)
    more = {"emoji": emoji_body(emoji)}
    return reaction_event(world, "MESSAGE_REACTION_REMOVE_EMOJI", message, more)
