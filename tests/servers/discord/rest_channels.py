"""Channels, guilds, people and the app itself: https://docs.discord.com/developers/resources/."""

from typing import Any

from tests.servers.discord import events
from tests.servers.discord.bodies import channel_body, member_body, own_user_body, user_body
from tests.servers.discord.bodies_guilds import application_body, guild_body, own_guild_body, role_body
from tests.servers.discord.calls import Call
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.permissions import BITS, allowed, require
from tests.servers.discord.places import FORUM, Channel, Guild, Member, is_direct
from tests.servers.discord.problems import Problems, snowflake
from tests.servers.discord.rest_messages import seen_channel
from tests.servers.discord.rest_threads import delete_thread, edit_thread
from tests.servers.discord.state import BOT, dismiss_bot

Body = dict[str, Any]


async def get_channel(call: Call) -> Body:
    return channel_body(call.world, seen_channel(call))


async def edit_channel(call: Call) -> Body:
    channel = seen_channel(call)
    if is_direct(channel):
        raise DiscordError(50003)
    if channel.is_thread:
        return edit_thread(call, channel)
    require(call.world.guild_of(channel), channel, BOT, "MANAGE_CHANNELS")
    body, problems = call.fields(), Problems()
    topic = limit("forum.topic" if channel.kind == FORUM else "channel.topic")
    problems.string(body, "name", limit("channel.name"), (), least=1)
    problems.string(body, "topic", topic, ())
    problems.number(body, "rate_limit_per_user", (0, limit("slowmode")), ())
    problems.refuse()
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    channel.slowmode = body.get("rate_limit_per_user", channel.slowmode)
    events.tell_of(call.world, "CHANNEL_UPDATE", channel, channel_body(call.world, channel))
    return channel_body(call.world, channel)


async def delete_channel(call: Call) -> Body:
    channel = seen_channel(call)
    if not channel.is_thread:
        raise DiscordError(50013)
    return delete_thread(call, channel)


async def own_user(call: Call) -> Body:
    return own_user_body(call.world)


async def get_user(call: Call) -> Body:
    person = call.world.people.get(call.id("user_id"))
    if person is None:
        raise DiscordError(10013)
    return user_body(person)


async def create_direct(call: Call) -> Body:
    body, problems = call.fields(), Problems()
    problems.needs(body, ["recipient_id"], ())
    problems.refuse()
    user = snowflake(body["recipient_id"])
    if user not in call.world.people or user == BOT:
        raise DiscordError(50033)
    assert user is not None
    if not any(user in one.recipients for one in call.world.directs.values()):
        call.world.opened_talks.take(BOT, call.world.clock())
    return channel_body(call.world, call.world.direct(user))


async def own_guilds(call: Call) -> list[Body]:
    found = sorted(call.world.bots_guilds(), key=lambda one: one.id)
    return [own_guild_body(one) for one in found]


async def application(call: Call) -> Body:
    return application_body(call.world)


async def get_guild(call: Call) -> Body:
    return guild_body(call.world.guild(call.id("guild_id")))


def shown_to_bot(guild: Guild) -> list[Channel]:
    """The channels of a guild that the bot can see; since 16 November 2026 Discord lists no others.

    https://docs.discord.com/developers/change-log, 12 August 2026
    """
    channels = [one for one in guild.channels.values() if not one.is_thread]
    return [one for one in channels if allowed(guild, one, BOT) & BITS["VIEW_CHANNEL"]]


async def guild_channels(call: Call) -> list[Body]:
    return [channel_body(call.world, one) for one in shown_to_bot(call.world.guild(call.id("guild_id")))]


async def guild_roles(call: Call) -> list[Body]:
    guild = call.world.guild(call.id("guild_id"))
    return [role_body(role, guild) for role in guild.roles.values()]


def member_of(call: Call, user: int) -> Member:
    guild = call.world.guild(call.id("guild_id"))
    if user not in call.world.people:
        raise DiscordError(10013)
    if user not in guild.members:
        raise DiscordError(10007)
    return guild.members[user]


async def get_member(call: Call) -> Body:
    return member_body(call.world, member_of(call, call.id("user_id")))


async def list_members(call: Call) -> list[Body]:
    """Needs the intent for members, switched on for the app."""
    guild = call.world.guild(call.id("guild_id"))
    if "GUILD_MEMBERS" not in call.world.privileged:
        raise DiscordError(50001)
    most, after = call.number("limit", 1, limit("members.most")), call.after("after") or 0
    found = sorted(user for user in guild.members if user > after)
    return [member_body(call.world, guild.members[user]) for user in found[:most]]


async def leave_guild(call: Call) -> None:
    guild = call.world.guild(call.id("guild_id"))
    dismiss_bot(call.world, guild)
    call.world.tell("GUILD_DELETE", {"id": str(guild.id)}, guild.id)


CHANNELS = {
    "GET /channels/{channel_id}": get_channel,
    "PATCH /channels/{channel_id}": edit_channel,
    "DELETE /channels/{channel_id}": delete_channel,
    "GET /users/@me": own_user,
    "GET /users/{user_id}": get_user,
    "POST /users/@me/channels": create_direct,
    "GET /users/@me/guilds": own_guilds,
    "DELETE /users/@me/guilds/{guild_id}": leave_guild,
    "GET /applications/@me": application,
    "GET /oauth2/applications/@me": application,
    "GET /guilds/{guild_id}": get_guild,
    "GET /guilds/{guild_id}/channels": guild_channels,
    "GET /guilds/{guild_id}/roles": guild_roles,
    "GET /guilds/{guild_id}/members": list_members,
    "GET /guilds/{guild_id}/members/{user_id}": get_member,
}
