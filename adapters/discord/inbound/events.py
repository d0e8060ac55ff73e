"""Converts the gateway's events to the bot's.

Payloads: https://docs.discord.com/developers/events/gateway-events.
Each function raises a KeyError or the like if a payload lacks what Discord documents.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from adapters.discord import DISCORD
from adapters.discord.inbound.message_links import is_forward, links_written
from adapters.discord.inbound.reactions import vote_of
from adapters.discord.outbound.channels import DiscordChannel, Location
from adapters.discord.render.text import COMMAND
from adapters.discord.snowflakes import created_at
from bot.domain.channel import Origin
from bot.protocol.arguments import split_command
from bot.protocol.events import (
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionChanged,
    ReactionsSnapshot,
    Uninstalled,
)

Payload: TypeAlias = Mapping[str, Any]

_WRITTEN_TYPES = frozenset({0, 19})
"""The types of messages that people write, DEFAULT and REPLY; all others are Discord's notices:
https://docs.discord.com/developers/resources/message#message-object-message-types."""


def message_created(
    payload: Payload, location: Location, bot_user: str, *, admin: bool
) -> CommandInvoked | MessagePosted | None:
    """Convert a new message to a command, if it mentions the bot or is a direct message.

    Any other message matters if it has links or is in a thread, where it belongs to a discussion. Returns
    None for the rest, and for messages of bots.
    """
    if not _is_from_person(payload):
        return None
    content, mention = payload["content"], mention_in(payload["content"], bot_user)
    origin = replace(_author_origin(payload, location), admin=admin)
    event_id = f"message {payload['id']}"
    links = links_written(payload)
    if location.is_dm or mention:
        text = content.replace(mention, " ") if mention else content
        if not mention and is_forward(payload):
            # These are somebody else's words, so none of them is a command: the paper behind them is shown.
            text = " ".join(["show", *links[:1]]) if links else ""
        name, arguments = split_command(text.strip().removeprefix(COMMAND))
        return CommandInvoked(origin=origin, name=name, arguments=arguments, event_id=event_id)
    if location.thread is None and not links:
        return None
    return MessagePosted(
        origin=origin,
        message=location.message(payload["id"]),
        at=created_at(payload["id"]),
        links=links,
        event_id=event_id,
    )


def message_edited(payload: Payload, location: Location) -> MessageEdited | None:
    """Convert the edit of a person's message.

    Returns None if Discord changed the message by itself, as it does to add a link's preview; such an update
    has no `edited_timestamp`.
    """
    if "author" not in payload or not _is_from_person(payload) or not payload.get("edited_timestamp"):
        return None
    at = datetime.fromisoformat(payload["edited_timestamp"])
    return MessageEdited(
        origin=_author_origin(payload, location),
        message=location.message(payload["id"]),
        at=at,
        links=links_written(payload),
        event_id=f"edit {payload['id']} {at.timestamp()}",
    )


def message_deleted(message: str, location: Location, bot_user: str) -> MessageDeleted:
    """Convert the deletion of a message; Discord does not say who deleted it."""
    return MessageDeleted(
        origin=anonymous_origin(location, bot_user),
        message=location.message(message),
        event_id=f"delete {message}",
    )


def reaction_changed(
    payload: Payload, location: Location, bot_user: str, *, added: bool, at: datetime
) -> ReactionChanged | None:
    """Convert a reaction that is a vote; return None for all others, and for those of bots."""
    # Only an added reaction in a guild comes with the member.
    member = payload.get("member", {})
    user = member.get("user", {})
    reaction = vote_of(payload["emoji"].get("name") or "")
    if reaction is None or payload["user_id"] == bot_user or user.get("bot"):
        return None
    return ReactionChanged(
        origin=_origin(location, payload["user_id"], display_name(user, member)),
        message=location.message(payload["message_id"]),
        reaction=reaction,
        added=added,
        at=at,
    )


def reactions_cleared(payload: Payload, location: Location, bot_user: str, at: datetime) -> ReactionsSnapshot:
    """Convert the removal of all reactions from a message."""
    message = location.message(payload["message_id"])
    return ReactionsSnapshot(origin=anonymous_origin(location, bot_user), message=message, votes=(), at=at)


def channel_renamed(before: str, channel: DiscordChannel, bot_user: str) -> ChannelRenamed | None:
    """Convert the update of a channel; return None if its name is still the one before."""
    if before == channel.name:
        return None
    return ChannelRenamed(origin=anonymous_origin(Location(channel.guild, channel), bot_user))


def channel_deleted(channel: DiscordChannel, bot_user: str) -> ChannelLost:
    """Convert the deletion of a channel."""
    return ChannelLost(
        origin=anonymous_origin(Location(channel.guild, channel), bot_user),
        why="it was deleted",
        event_id=f"gone {channel.id}",
    )


def guild_left(payload: Payload) -> Uninstalled | None:
    """Convert the loss of a guild; return None for an outage, which Discord marks as `unavailable`."""
    if payload.get("unavailable"):
        return None
    return Uninstalled(platform=DISCORD, workspace=payload["id"])


def forum_post_deleted(thread: Payload, forum: DiscordChannel, bot_user: str) -> MessageDeleted:
    """Convert the deletion of a forum's post: its first message has the id of its thread."""
    return message_deleted(thread["id"], Location(forum.guild, forum, thread["id"]), bot_user)


def anonymous_origin(location: Location, bot_user: str) -> Origin:
    """Return the origin of an event whose author is unknown: the DM's person, or else the bot."""
    return _origin(location, location.channel.recipient or bot_user, "")


def mention_in(content: str, bot_user: str) -> str:
    """Return the mention of the bot in a message's content; empty if there is none."""
    # The second form is an old one that some clients still send:
    # https://docs.discord.com/developers/reference#message-formatting.
    return next((each for each in (f"<@{bot_user}>", f"<@!{bot_user}>") if each in content), "")


def display_name(user: Payload, member: Payload) -> str:
    """Return a person's name in a guild, or else their global name."""
    return member.get("nick") or user.get("global_name") or user.get("username") or ""


def _is_from_person(payload: Payload) -> bool:
    is_written = payload.get("type", 0) in _WRITTEN_TYPES and not payload.get("webhook_id")
    return is_written and not payload["author"].get("bot")


def _author_origin(payload: Payload, location: Location) -> Origin:
    author = payload["author"]
    return _origin(location, author["id"], display_name(author, payload.get("member", {})))


def _origin(location: Location, person: str, person_name: str) -> Origin:
    return Origin(
        DISCORD,
        location.workspace,
        location.channel.id,
        person,
        person_name=person_name,
        channel_name=location.name,
        direct=location.is_dm,
    )
