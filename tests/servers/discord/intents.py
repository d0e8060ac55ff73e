"""Which events an app asks for: https://docs.discord.com/developers/events/gateway#gateway-intents."""

BITS = {
    "GUILDS": 1 << 0,
    "GUILD_MEMBERS": 1 << 1,
    "GUILD_MODERATION": 1 << 2,
    "GUILD_EXPRESSIONS": 1 << 3,
    "GUILD_INTEGRATIONS": 1 << 4,
    "GUILD_WEBHOOKS": 1 << 5,
    "GUILD_INVITES": 1 << 6,
    "GUILD_VOICE_STATES": 1 << 7,
    "GUILD_PRESENCES": 1 << 8,
    "GUILD_MESSAGES": 1 << 9,
    "GUILD_MESSAGE_REACTIONS": 1 << 10,
    "GUILD_MESSAGE_TYPING": 1 << 11,
    "DIRECT_MESSAGES": 1 << 12,
    "DIRECT_MESSAGE_REACTIONS": 1 << 13,
    "DIRECT_MESSAGE_TYPING": 1 << 14,
    "MESSAGE_CONTENT": 1 << 15,
    "GUILD_SCHEDULED_EVENTS": 1 << 16,
    "AUTO_MODERATION_CONFIGURATION": 1 << 20,
    "AUTO_MODERATION_EXECUTION": 1 << 21,
    "GUILD_MESSAGE_POLLS": 1 << 24,
    "DIRECT_MESSAGE_POLLS": 1 << 25,
}
EVERY = sum(BITS.values())
PRIVILEGED = ("GUILD_MEMBERS", "GUILD_PRESENCES", "MESSAGE_CONTENT")

OF_GUILDS = (
    "GUILD_CREATE GUILD_UPDATE GUILD_DELETE GUILD_ROLE_CREATE GUILD_ROLE_UPDATE GUILD_ROLE_DELETE"
    " CHANNEL_CREATE CHANNEL_UPDATE CHANNEL_DELETE THREAD_CREATE THREAD_UPDATE THREAD_DELETE"
    " THREAD_LIST_SYNC THREAD_MEMBER_UPDATE CHANNEL_PINS_UPDATE"
)
EVENTS = {
    **dict.fromkeys(OF_GUILDS.split(), "GUILDS"),
    "GUILD_MEMBER_ADD": "GUILD_MEMBERS",
    "GUILD_MEMBER_UPDATE": "GUILD_MEMBERS",
    "GUILD_MEMBER_REMOVE": "GUILD_MEMBERS",
    "THREAD_MEMBERS_UPDATE": "GUILD_MEMBERS",
    "MESSAGE_CREATE": "GUILD_MESSAGES",
    "MESSAGE_UPDATE": "GUILD_MESSAGES",
    "MESSAGE_DELETE": "GUILD_MESSAGES",
    "MESSAGE_DELETE_BULK": "GUILD_MESSAGES",
    "MESSAGE_REACTION_ADD": "GUILD_MESSAGE_REACTIONS",
    "MESSAGE_REACTION_REMOVE": "GUILD_MESSAGE_REACTIONS",
    "MESSAGE_REACTION_REMOVE_ALL": "GUILD_MESSAGE_REACTIONS",
    "MESSAGE_REACTION_REMOVE_EMOJI": "GUILD_MESSAGE_REACTIONS",
}
"""The intent of each event; in direct conversations the one that begins with DIRECT."""


def needed(event: str, *, direct: bool) -> int:
    """The intent that an event needs; 0 where it is always sent."""
    name = EVENTS.get(event, "")
    return BITS[name.replace("GUILD_", "DIRECT_") if direct else name] if name else 0


def refused(wanted: int, switched_on: set[str]) -> bool:
    """Whether a privileged intent is wanted that is not switched on for the app."""
    return any(wanted & BITS[name] for name in PRIVILEGED if name not in switched_on)
