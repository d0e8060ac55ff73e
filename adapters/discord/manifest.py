"""What the bot asks of a server: its permissions and intents, and the link by which it is let in."""

from importlib.metadata import PackageNotFoundError, version

import discord

PERMISSIONS = {
    "View Channel": discord.Permissions(view_channel=True).value,
    "Send Messages": discord.Permissions(send_messages=True).value,
    "Send Messages in Threads": discord.Permissions(send_messages_in_threads=True).value,
    "Create Public Threads": discord.Permissions(create_public_threads=True).value,
    "Read Message History": discord.Permissions(read_message_history=True).value,
}
"""By the names that people see: https://docs.discord.com/developers/topics/permissions."""
SCOPES = ("bot", "applications.commands")
"""https://docs.discord.com/developers/topics/oauth2#shared-resources-oauth2-scopes."""
READS_MESSAGES = 1 << 18 | 1 << 19
"""Flags of an app that has the intent for message content:
https://docs.discord.com/developers/resources/application#application-object-application-flags."""


def user_agent() -> str:
    """Give the name under which every call is made, the gateway's connections included.

    Discord wants the client library and its version; who else speaks comes behind it:
    https://docs.discord.com/developers/reference#user-agent.
    """
    try:
        own = f"Paperclub/{version('paperclub')}"
    except PackageNotFoundError:
        own = "Paperclub"
    return f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__}) {own}"


def install_link(app: str) -> str:
    """Give the link by which a server lets an app in with the permissions that it needs."""
    asked = discord.Permissions(sum(PERMISSIONS.values()))
    return discord.utils.oauth_url(app, permissions=asked, scopes=SCOPES)


def intents(*, reads: bool) -> discord.Intents:
    """Give the events to ask for: with message content or without."""
    return discord.Intents(
        guilds=True,
        guild_messages=True,
        guild_reactions=True,
        dm_messages=True,
        dm_reactions=True,
        message_content=reads,
    )


def lacking(may: int) -> list[str]:
    """Name the permissions that are not among these."""
    everything = discord.Permissions(may).administrator
    return [] if everything else [name for name, flag in PERMISSIONS.items() if not may & flag]
