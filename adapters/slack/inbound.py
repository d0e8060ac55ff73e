"""Slack's payloads → events. Shapes: https://docs.slack.dev/reference/events/ and its neighbours."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from adapters.slack.reactions import vote_of
from bot.arguments import split_command
from bot.events import (
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    Invited,
    MessageDeleted,
    MessagePosted,
    ReactionChanged,
    Uninstalled,
)
from bot.models import MessageRef, Origin, Platform

Payload: TypeAlias = Mapping[str, Any]

ACTION = "paperclub."
"""What the `action_id` of every element of ours begins with."""
OPEN = f"{ACTION}open"
"""Of a button that only opens a link."""
_UNNAMED = frozenset({"directmessage", "privategroup"})
"""What a command calls channels whose names it does not tell."""
_MARKED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_LOSSES = {
    "channel_archive": "it is archived",
    "group_archive": "it is archived",
    "channel_deleted": "it was deleted",
    "group_deleted": "it was deleted",
    "channel_left": "I was taken out of it",
    "group_left": "I was taken out of it",
}
_SPOKEN = frozenset({None, "thread_broadcast", "file_share", "me_message"})
"""Subtypes of messages that people write."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed, by its token, and where it stands."""

    origin: Origin
    token: str
    event_id: str
    response_url: str | None
    thread: str | None
    message: MessageRef | None
    """None where only one person sees the message."""


def command(body: Payload) -> CommandInvoked:
    """Read a slash command. Its `trigger_id` is new each time it is typed."""
    origin = Origin(
        Platform.SLACK,
        _workspace(body),
        body["channel_id"],
        body["user_id"],
        person_name=body.get("user_name", ""),
        channel_name=_named(body["channel_name"]),
        direct=_direct(body["channel_id"]),
    )
    word, arguments = split_command(plain(body.get("text", "")))
    return CommandInvoked(origin=origin, name=word, arguments=arguments, event_id=body["trigger_id"])


def spoken_command(body: Payload, bot_user: str) -> CommandInvoked:
    """Read what somebody says to the bot, in a direct message or by its name."""
    event = body["event"]
    text = event.get("text", "").replace(f"<@{bot_user}>", " ")
    word, arguments = split_command(plain(text).removeprefix("/papers"))
    return CommandInvoked(origin=_origin(body), name=word, arguments=arguments, event_id=body["event_id"])


def is_said_to_bot(event: Payload) -> bool:
    """Whether a message is a person's word to the bot; one by its name in a channel is told twice."""
    if event["type"] == "app_mention":
        return _by_person(event) and not _direct(event["channel"])
    return event["type"] == "message" and _by_person(event) and _direct(event["channel"])


def posted(body: Payload, bot_user: str) -> MessagePosted | None:
    """Read a message that a person wrote in a channel, and not to the bot; None for every other message."""
    event = body["event"]
    said_to_bot = f"<@{bot_user}>" in event.get("text", "")
    if event["type"] != "message" or not _by_person(event) or _direct(event["channel"]) or said_to_bot:
        return None
    return MessagePosted(
        origin=_origin(body),
        message=MessageRef(event["channel"], event["ts"], event.get("thread_ts")),
        at=moment(event["ts"]),
        event_id=body["event_id"],
    )


def deleted(body: Payload) -> MessageDeleted | None:
    """Read that a message is gone; None for every other message."""
    event = body["event"]
    if event["type"] != "message" or event.get("subtype") != "message_deleted":
        return None
    message = MessageRef(event["channel"], event["deleted_ts"])
    author = event.get("previous_message", {}).get("user", "")
    origin = _origin_of(body, event["channel"], author)
    return MessageDeleted(origin=origin, message=message, event_id=body["event_id"])


def reacted(body: Payload) -> ReactionChanged | None:
    """Read a reaction that means a vote; None for every other one."""
    event = body["event"]
    if event["type"] not in {"reaction_added", "reaction_removed"}:
        return None
    value, item = vote_of(event["reaction"]), event["item"]
    if value is None or item["type"] != "message":
        return None
    return ReactionChanged(
        origin=_origin_of(body, item["channel"], event["user"]),
        message=MessageRef(item["channel"], item["ts"]),
        value=value,
        added=event["type"] == "reaction_added",
        at=moment(event["event_ts"]),
        event_id=body["event_id"],
    )


def happened(body: Payload, bot_user: str) -> Invited | ChannelRenamed | ChannelLost | Uninstalled | None:
    """Read what became of a channel or of the app itself; None for every other event."""
    event = body["event"]
    kind, event_id = event["type"], body["event_id"]
    if kind in {"app_uninstalled", "tokens_revoked"}:
        return Uninstalled(origin=_origin_of(body, "", bot_user), event_id=event_id)
    if kind in {"channel_rename", "group_rename"}:
        told = event["channel"]
        origin = replace(_origin_of(body, told["id"], bot_user), channel_name=f"#{told['name']}")
        return ChannelRenamed(origin=origin, event_id=event_id)
    if kind in _LOSSES:
        origin = _origin_of(body, event["channel"], bot_user)
        return ChannelLost(origin=origin, why=_LOSSES[kind], event_id=event_id)
    if kind == "member_joined_channel" and event["user"] == bot_user:
        return Invited(origin=_origin_of(body, event["channel"], bot_user), event_id=event_id)
    return None


def pressed(body: Payload) -> Pressed:
    """Read a button of a message, or what was chosen from its menu."""
    action, container = body["actions"][0], body["container"]
    channel, name = container["channel_id"], body.get("channel", {}).get("name", "")
    thread = container.get("thread_ts") or body.get("message", {}).get("thread_ts")
    return Pressed(
        Origin(
            Platform.SLACK,
            _workspace(body),
            channel,
            body["user"]["id"],
            person_name=body["user"].get("name", ""),
            channel_name=_named(name),
            direct=_direct(channel),
        ),
        token=action["selected_option"]["value"] if "selected_option" in action else action.get("value", ""),
        event_id=body["trigger_id"],
        response_url=body.get("response_url"),
        thread=thread,
        message=None
        if container.get("is_ephemeral")
        else MessageRef(channel, container["message_ts"], thread),
    )


def moment(ts: str) -> datetime:
    """Give the time that a message's `ts` tells."""
    return datetime.fromtimestamp(float(ts), UTC)


def plain(text: str) -> str:
    """Give text as it was typed: links, names and escapes as people see them."""
    return html.unescape(_MARKED.sub(_typed, text)).strip()


def _typed(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target.startswith(("http://", "https://", "mailto:")):
        return target
    return label or target.lstrip("@#!")


def _by_person(event: Payload) -> bool:
    return event.get("subtype") in _SPOKEN and "bot_id" not in event and "user" in event


def _origin(body: Payload) -> Origin:
    event = body["event"]
    return _origin_of(body, event["channel"], event["user"])


def _origin_of(body: Payload, channel: str, person: str) -> Origin:
    return Origin(Platform.SLACK, _workspace(body), channel, person, direct=_direct(channel))


def _named(name: str) -> str:
    return "" if not name or name in _UNNAMED else f"#{name}"


def _direct(channel: str) -> bool:
    return channel.startswith("D")


def _workspace(body: Payload) -> str:
    """The workspace that installed the app: in a channel shared with others the sender's is another.

    An app that a whole organisation has installed knows the organisation.
    """
    told = (body.get("authorizations") or [body])[0]
    if told.get("is_enterprise_install") in {True, "true"}:
        return str(told.get("enterprise_id") or told["enterprise"]["id"])
    return str(told.get("team_id") or told["team"]["id"])
