"""Reactions: https://docs.discord.com/developers/resources/message#get-reactions and its neighbours."""

from typing import Any

from tests.servers.discord import events
from tests.servers.discord.bodies import user_body
from tests.servers.discord.calls import Call
from tests.servers.discord.components import is_emoji
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.permissions import require
from tests.servers.discord.places import Channel, Message
from tests.servers.discord.rest_messages import seen_channel
from tests.servers.discord.state import BOT, World


def emoji_of(call: Call) -> str:
    """The emoji in the path: one of Unicode, or `name:id`."""
    emoji = call.parts["emoji"]
    name, _, made = emoji.partition(":")
    if made.isdecimal() and name:
        return emoji
    if not is_emoji(emoji):
        raise DiscordError(10014)
    return emoji


def known_emoji(world: World, channel: Channel, emoji: str) -> None:
    """Refuse an emoji of no guild that the bot is in; one of another guild than this takes a permission.

    https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
    """
    made = emoji.partition(":")[2]
    if not made:
        return
    if int(made) not in world.emojis():
        raise DiscordError(10014)
    guild = world.guild_of(channel)
    if guild is not None and int(made) not in guild.emojis:
        require(guild, channel, BOT, "USE_EXTERNAL_EMOJIS")


def reacted(call: Call, names: str = "") -> tuple[Channel, Message]:
    """A message whose reactions the bot may see and change."""
    channel = seen_channel(call, "READ_MESSAGE_HISTORY")
    message = call.world.message(channel.id, call.id("message_id"))
    require(call.world.guild_of(channel), channel, BOT, names)
    return channel, message


def changeable(call: Call, names: str = "") -> Message:
    channel, message = reacted(call, names)
    if channel.archived:
        raise DiscordError(50083)
    return message


async def add_reaction(call: Call) -> None:
    emoji = emoji_of(call)
    message = changeable(call)
    if emoji not in message.reactions:
        channel, _ = reacted(call, "ADD_REACTIONS")
        known_emoji(call.world, channel, emoji)
        if len(message.reactions) >= limit("reactions.message"):
            raise DiscordError(30010)
    events.add_reaction(call.world, message, BOT, emoji)


async def remove_own(call: Call) -> None:
    emoji = emoji_of(call)
    events.remove_reaction(call.world, changeable(call), BOT, emoji)


async def remove_other(call: Call) -> None:
    emoji = emoji_of(call)
    message = changeable(call, "MANAGE_MESSAGES")
    events.remove_reaction(call.world, message, call.id("user_id"), emoji)


async def clear(call: Call) -> None:
    events.clear_reactions(call.world, changeable(call, "MANAGE_MESSAGES"))


async def clear_emoji(call: Call) -> None:
    emoji = emoji_of(call)
    events.clear_reactions(call.world, changeable(call, "MANAGE_MESSAGES"), emoji)


async def get_reactions(call: Call) -> list[dict[str, Any]]:
    """Who reacted with an emoji, by their ids."""
    emoji = emoji_of(call)
    _, message = reacted(call)
    most = call.number("limit", limit("reactions.default"), limit("reactions.most"))
    after = call.after("after") or 0
    if call.query.get("type", "0") != "0":
        return []
    users = sorted(user for user in message.reactions.get(emoji, []) if user > after)
    return [user_body(call.world.people[user]) for user in users[:most]]


PLACE = "/channels/{channel_id}/messages/{message_id}/reactions"
REACTIONS = {
    f"PUT {PLACE}/{{emoji}}/@me": add_reaction,
    f"DELETE {PLACE}/{{emoji}}/@me": remove_own,
    f"DELETE {PLACE}/{{emoji}}/{{user_id}}": remove_other,
    f"GET {PLACE}/{{emoji}}": get_reactions,
    f"DELETE {PLACE}/{{emoji}}": clear_emoji,
    f"DELETE {PLACE}": clear,
}
