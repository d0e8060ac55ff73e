"""What the app asks of a guild: permissions, intents, and the link that installs it."""

from importlib.metadata import PackageNotFoundError, version

import discord

PERMISSIONS = {
    "View Channel": discord.Permissions(view_channel=True).value,
    "Send Messages": discord.Permissions(send_messages=True).value,
    "Send Messages in Threads": discord.Permissions(send_messages_in_threads=True).value,
    "Create Public Threads": discord.Permissions(create_public_threads=True).value,
    "Read Message History": discord.Permissions(read_message_history=True).value,
}
"""The permissions that the bot needs, by the names that people see: https://docs.discord.com/developers/topics/permissions."""
SCOPES = ("bot", "applications.commands")
"""https://docs.discord.com/developers/topics/oauth2#shared-resources-oauth2-scopes."""
MESSAGE_CONTENT_FLAGS = discord.ApplicationFlags(
    gateway_message_content=True, gateway_message_content_limited=True
).value
"""The flags of an app with the intent for message content; one of them is enough:
https://docs.discord.com/developers/resources/application#application-object-application-flags."""


def user_agent() -> str:
    """Return the User-Agent of all calls and of the gateway's connections.

    Discord requires the client library's URL and version; more may follow them:
    https://docs.discord.com/developers/reference#user-agent.
    """
    try:
        own = f"Paperclub/{version('paperclub')}"
    except PackageNotFoundError:
        own = "Paperclub"
    return f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__}) {own}"


def install_link(application_id: str) -> str:
    """Return the link that installs an app in a server, with the permissions that it needs."""
    permissions = discord.Permissions(sum(PERMISSIONS.values()))
    return discord.utils.oauth_url(application_id, permissions=permissions, scopes=SCOPES)


def intents(*, message_content: bool) -> discord.Intents:
    """Return the intents to identify with.

    Message content is privileged: https://docs.discord.com/developers/events/gateway#privileged-intents.
    """
    return discord.Intents(
        guilds=True,
        guild_messages=True,
        guild_reactions=True,
        dm_messages=True,
        dm_reactions=True,
        message_content=message_content,
    )


def missing_permissions(permissions: int) -> list[str]:
    """Return the names of the needed permissions that are not among these bits."""
    # An administrator has every permission, though only one bit is set.
    if discord.Permissions(permissions).administrator:
        return []
    return [name for name, bit in PERMISSIONS.items() if not permissions & bit]
