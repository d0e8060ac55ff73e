"""Who may read which channel: https://docs.discord.com/developers/topics/permissions."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from discord import Permissions

from adapters.discord.outbound.client import UNKNOWN_MEMBER, UNKNOWN_USER, Rest, code_of
from bot.domain.errors import PermanentFailure

Member: TypeAlias = Mapping[str, Any]
_READ = Permissions(view_channel=True, read_message_history=True).value
_ADMINISTRATOR = Permissions(administrator=True).value
_EVERYTHING = Permissions.all().value


async def member_of(rest: Rest, guild: str, person: str) -> Member | None:
    """Return a person as a member of a guild; None if they are not in it.

    Raises:
        DeliveryError: Discord does not answer.

    """
    try:
        member: Member = await rest.call(
            "GET", "/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=person
        )
    except PermanentFailure as refusal:
        # Discord no longer knows a person who has deleted their account.
        if code_of(refusal) not in {UNKNOWN_MEMBER, UNKNOWN_USER}:
            raise
        return None
    return member


async def readable_channels(rest: Rest, guild: str, person: str, member: Member | None) -> frozenset[str]:
    """Return the ids of the guild's channels whose messages both a person and the bot may read.

    `member` is what `member_of` has returned for the person.

    Discord lists only channels that the bot sees. Somebody who is not in the guild may read none.

    Raises:
        DeliveryError: Discord does not answer.

    """
    if member is None:
        return frozenset()
    whole = await rest.call("GET", "/guilds/{guild_id}", guild_id=guild)
    channels = await rest.call("GET", "/guilds/{guild_id}/channels", guild_id=guild)
    roles = [guild, *member["roles"]]
    in_guild = _in_guild(whole, person, roles)
    return frozenset(
        each["id"] for each in channels if _in_channel(each, person, roles, in_guild) & _READ == _READ
    )


def _in_guild(guild: Mapping[str, Any], person: str, roles: list[str]) -> int:
    """Return somebody's permissions in a guild. The role with the guild's own id is everybody's."""
    if guild["owner_id"] == person:
        return _EVERYTHING
    permissions = 0
    for role in guild["roles"]:
        if role["id"] in roles:
            permissions |= int(role["permissions"])
    return _EVERYTHING if permissions & _ADMINISTRATOR else permissions


def _in_channel(channel: Mapping[str, Any], person: str, roles: list[str], in_guild: int) -> int:
    """Apply a channel's overwrites: everybody's, then those of all roles together, then the person's own."""
    if in_guild == _EVERYTHING:
        return in_guild
    overwrites = {each["id"]: each for each in channel.get("permission_overwrites", ())}
    permissions = in_guild
    for targets in (roles[:1], roles[1:], [person]):
        found = [overwrites[each] for each in targets if each in overwrites]
        for each in found:
            permissions &= ~int(each["deny"])
        for each in found:
            permissions |= int(each["allow"])
    return permissions
