"""Discord's events → events. Shapes: https://docs.discord.com/developers/events/gateway-events."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from adapters.discord import DISCORD
from adapters.discord.inbound.message_links import forwards, links_written
from adapters.discord.inbound.reactions import vote_of
from adapters.discord.outbound.channels import DiscordChannel, Location
from adapters.discord.render.text import COMMAND
from adapters.discord.snowflakes import moment
from bot.domain.channel import Origin
from bot.domain.message import MessageRef
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

_SPOKEN = frozenset({0, 19})
"""Kinds of messages that people write: their own, and answers to others."""


def spoken(
    told: Payload, spot: Location, bot_user: str, *, admin: bool
) -> CommandInvoked | MessagePosted | None:
    """Read a message that a person wrote: to the bot, or one that may be about a paper."""
    if not _by_person(told):
        return None
    content, called = told["content"], mention_in(told["content"], bot_user)
    origin = replace(_origin(told, spot), admin=admin)
    event_id = f"message {told['id']}"
    links = links_written(told)
    if spot.direct or called:
        text = content.replace(called, " ") if called else content
        if not called and forwards(told):
            # These are somebody else's words, so none of them is a command: the paper behind them is shown.
            text = " ".join(["show", *links[:1]]) if links else ""
        word, arguments = split_command(text.strip().removeprefix(COMMAND))
        return CommandInvoked(origin=origin, name=word, arguments=arguments, event_id=event_id)
    if spot.thread is None and not links:
        return None
    message = spot.message(told["id"])
    return MessagePosted(
        origin=origin, message=message, at=moment(told["id"]), links=links, event_id=event_id
    )


def edited(told: Payload, spot: Location) -> MessageEdited | None:
    """Read that a person changed what a message says; None for what Discord adds to it by itself."""
    if "author" not in told or not _by_person(told) or not told.get("edited_timestamp"):
        return None
    at = datetime.fromisoformat(told["edited_timestamp"])
    return MessageEdited(
        origin=_origin(told, spot),
        message=spot.message(told["id"]),
        at=at,
        links=links_written(told),
        event_id=f"edit {told['id']} {at.timestamp()}",
    )


def deleted(message: str, spot: Location, bot_user: str) -> MessageDeleted:
    """Read that a message is gone."""
    return MessageDeleted(
        origin=nobodys(spot, bot_user), message=spot.message(message), event_id=f"delete {message}"
    )


def reacted(
    told: Payload, spot: Location, bot_user: str, *, added: bool, at: datetime
) -> ReactionChanged | None:
    """Read a reaction that means a vote; None for every other one, and for those of bots."""
    member = told.get("member", {})
    reaction = vote_of(told["emoji"].get("name") or "")
    if reaction is None or told["user_id"] == bot_user or member.get("user", {}).get("bot"):
        return None
    person = _named(member.get("user", {}), member)
    return ReactionChanged(
        origin=_origin_of(spot, told["user_id"], person),
        message=spot.message(told["message_id"]),
        reaction=reaction,
        added=added,
        at=at,
    )


def cleared(told: Payload, spot: Location, bot_user: str, at: datetime) -> ReactionsSnapshot:
    """Read that all reactions were taken off a message."""
    message = spot.message(told["message_id"])
    return ReactionsSnapshot(origin=nobodys(spot, bot_user), message=message, votes=(), at=at)


def renamed(before: str, now: DiscordChannel, bot_user: str) -> ChannelRenamed | None:
    """Read that a channel has another name than before; None where that is as it was."""
    if before == now.name:
        return None
    return ChannelRenamed(origin=nobodys(Location(now.guild, now), bot_user))


def lost(gone: DiscordChannel, bot_user: str) -> ChannelLost:
    """Read that a channel was deleted."""
    return ChannelLost(
        origin=nobodys(Location(gone.guild, gone), bot_user), why="it was deleted", event_id=f"gone {gone.id}"
    )


def left(told: Payload) -> Uninstalled | None:
    """Read that the bot was taken out of a guild; None for one that only cannot be reached."""
    if told.get("unavailable"):
        return None
    return Uninstalled(platform=DISCORD, workspace=told["id"])


def post_gone(thread: Payload, forum: DiscordChannel, bot_user: str) -> MessageDeleted:
    """Read that a forum's post was deleted, and with it the message that it began with."""
    return deleted(thread["id"], Location(forum.guild, forum, thread["id"]), bot_user)


def nobodys(spot: Location, bot_user: str) -> Origin:
    """The origin of what nobody is known to have done."""
    return _origin_of(spot, spot.channel.owner or bot_user, "")


def message_of(told: Payload, spot: Location) -> MessageRef:
    """Name a message by what Discord tells of it."""
    return spot.message(told["id"])


def mention_in(content: str, bot_user: str) -> str:
    """Give the words by which a message calls the bot; empty where it does not."""
    return next((each for each in (f"<@{bot_user}>", f"<@!{bot_user}>") if each in content), "")


def called(user: Payload, member: Payload) -> str:
    """Give what somebody is called in a guild, or else everywhere."""
    return _named(user, member)


def _by_person(told: Payload) -> bool:
    written = told.get("type", 0) in _SPOKEN and not told.get("webhook_id")
    return written and not told["author"].get("bot")


def _origin(told: Payload, spot: Location) -> Origin:
    author = told["author"]
    return _origin_of(spot, author["id"], _named(author, told.get("member", {})))


def _named(user: Payload, member: Payload) -> str:
    return member.get("nick") or user.get("global_name") or user.get("username") or ""


def _origin_of(spot: Location, person: str, person_name: str) -> Origin:
    return Origin(
        DISCORD,
        spot.workspace,
        spot.channel.id,
        person,
        person_name=person_name,
        channel_name=spot.name,
        direct=spot.direct,
    )
