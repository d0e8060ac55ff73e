"""Who may do what: https://docs.discord.com/developers/topics/permissions."""

from tests.servers.discord.errors import DiscordError
from tests.servers.discord.places import Channel, Guild, is_direct

BITS = {
    "ADMINISTRATOR": 1 << 3,
    "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_GUILD": 1 << 5,
    "ADD_REACTIONS": 1 << 6,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13,
    "EMBED_LINKS": 1 << 14,
    "ATTACH_FILES": 1 << 15,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17,
    "USE_EXTERNAL_EMOJIS": 1 << 18,
    "USE_APPLICATION_COMMANDS": 1 << 31,
    "MANAGE_THREADS": 1 << 34,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "CREATE_PRIVATE_THREADS": 1 << 36,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
    "PIN_MESSAGES": 1 << 51,
    "BYPASS_SLOWMODE": 1 << 52,
}
"""The last two were part of MANAGE_MESSAGES and others until 23 February 2026:
https://docs.discord.com/developers/change-log."""
ALL = (1 << 53) - 1


def bits(names: str) -> int:
    """The permissions named in one line, together."""
    return sum(BITS[name] for name in names.split())


PEOPLES = bits(
    "ADD_REACTIONS VIEW_CHANNEL SEND_MESSAGES EMBED_LINKS ATTACH_FILES READ_MESSAGE_HISTORY"
    " USE_APPLICATION_COMMANDS CREATE_PUBLIC_THREADS SEND_MESSAGES_IN_THREADS"
)
"""What everybody may do in a guild."""
IN_DIRECT = PEOPLES & ~bits("CREATE_PUBLIC_THREADS SEND_MESSAGES_IN_THREADS") | bits("MENTION_EVERYONE")
WITHOUT_SENDING = bits("MENTION_EVERYONE EMBED_LINKS ATTACH_FILES")
"""What nobody may do who may not write."""


def in_guild(guild: Guild, user: int) -> int:
    """What somebody may do by their roles alone."""
    if user == guild.owner:
        return ALL
    member = guild.members.get(user)
    if member is None:
        return 0
    together = guild.roles[guild.id].permissions
    for role in member.roles:
        together |= guild.roles[role].permissions
    return ALL if together & BITS["ADMINISTRATOR"] else together


def overwritten(guild: Guild, channel: Channel, user: int, base: int) -> int:
    """The overwrites in Discord's order: everyone, then all roles together, then the person."""
    mine = [channel.overwrites.get(role, (0, 0)) for role in guild.members[user].roles]
    allowed, denied = (_together(column) for column in zip(*mine, strict=True)) if mine else (0, 0)
    everyone, own = channel.overwrites.get(guild.id, (0, 0)), channel.overwrites.get(user, (0, 0))
    for allow, deny in (everyone, (allowed, denied), own):
        base = base & ~deny | allow
    return base


def _together(column: tuple[int, ...]) -> int:
    together = 0
    for each in column:
        together |= each
    return together


def allowed(guild: Guild | None, channel: Channel, user: int) -> int:
    """What somebody may do in a channel; a thread takes its channel's overwrites."""
    if is_direct(channel) or guild is None:
        return IN_DIRECT if user in channel.recipients else 0
    base = in_guild(guild, user)
    if base == ALL or not base:
        return base
    parent = guild.channels[channel.parent] if channel.is_thread and channel.parent else channel
    base = overwritten(guild, parent, user, base)
    if not base & BITS["VIEW_CHANNEL"]:
        return 0
    if channel.is_private and user not in channel.thread_members and not base & BITS["MANAGE_THREADS"]:
        return 0
    writes = BITS["SEND_MESSAGES_IN_THREADS" if channel.is_thread else "SEND_MESSAGES"]
    return base if base & writes else base & ~WITHOUT_SENDING


def require(guild: Guild | None, channel: Channel, user: int, names: str = "") -> None:
    """Refuse what somebody may not do in a channel; one that cannot be seen is refused first."""
    may = allowed(guild, channel, user)
    if not may & BITS["VIEW_CHANNEL"]:
        raise DiscordError(50001)
    if ~may & bits(names):
        raise DiscordError(50013)
