"""The body of an interaction: https://docs.discord.com/developers/interactions/receiving-and-responding."""

from typing import Any

from tests.servers.discord.bodies import channel_body, member_body, message_body, user_body
from tests.servers.discord.interactions import Interaction
from tests.servers.discord.permissions import allowed
from tests.servers.discord.state import APP, BOT, World

IN_GUILD, IN_DIRECT = 0, 1
FILE_BYTES = 10 * 1024 * 1024


def interaction_body(world: World, one: Interaction) -> dict[str, Any]:
    """What the app gets, with the token to answer."""
    channel = world.find_channel(one.channel)
    assert channel is not None
    guild, person = world.guild_of(channel), world.people[one.user]
    place = channel_body(world, channel)
    place["permissions"] = str(allowed(guild, channel, one.user))
    place.pop("permission_overwrites", None)
    body: dict[str, Any] = {
        "id": str(one.id),
        "application_id": str(APP),
        "type": one.kind,
        "data": one.data,
        "channel": place,
        "channel_id": str(channel.id),
        "token": one.token,
        "version": 1,
        "app_permissions": str(allowed(guild, channel, BOT)),
        "locale": person.locale,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild.id if guild else 0)},
        "context": IN_GUILD if guild else IN_DIRECT,
        "attachment_size_limit": FILE_BYTES,
    }
    if one.message is not None:
        body["message"] = message_body(world, one.message)
    if guild is None:
        return {**body, "user": user_body(person)}
    member = member_body(world, guild.members[one.user])
    member["permissions"] = str(allowed(guild, channel, one.user))
    home = {"id": str(guild.id), "locale": guild.locale, "features": ["COMMUNITY"]}
    return {**body, "guild": home, "guild_id": str(guild.id), "guild_locale": guild.locale, "member": member}
