"""Slack's payloads → events. Shapes: https://docs.slack.dev/reference/events/ and its neighbours."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from adapters.slack.reactions import vote_of
from adapters.slack.text import COMMAND
from bot.arguments import split_command
from bot.events import (
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    Event,
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


def event(body: Payload, bot_user: str) -> Event | None:
    """Read an event of the Events API; None where it means nothing to the bot."""
    kind = body["event"]["type"]
    if kind == "app_mention" or (kind == "message" and _direct(body["event"]["channel"])):
        return _spoken_command(body, bot_user)
    if kind == "message":
        return _deleted(body) or _posted(body, bot_user)
    if kind in {"reaction_added", "reaction_removed"}:
        return _reacted(body, bot_user)
    return _happened(body, bot_user)


def _spoken_command(body: Payload, bot_user: str) -> CommandInvoked | MessageDeleted | None:
    """Read what somebody says to the bot, in a direct message or by its name."""
    told = body["event"]
    if not _by_person(told):
        return _deleted(body)
    if told["type"] == "app_mention" and _direct(told["channel"]):
        return None
    text = plain(told.get("text", "").replace(f"<@{bot_user}>", " "))
    word, arguments = split_command(text.removeprefix(COMMAND))
    return CommandInvoked(origin=_origin(body), name=word, arguments=arguments, event_id=body["event_id"])


def _posted(body: Payload, bot_user: str) -> MessagePosted | None:
    """Read a message that a person wrote in a channel, and not to the bot; None for every other message."""
    told = body["event"]
    if not _by_person(told) or f"<@{bot_user}>" in told.get("text", ""):
        return None
    return MessagePosted(
        origin=_origin(body),
        message=MessageRef(told["channel"], told["ts"], told.get("thread_ts")),
        at=moment(told["ts"]),
        event_id=body["event_id"],
    )


def _deleted(body: Payload) -> MessageDeleted | None:
    """Read that a message is gone; None for every other message."""
    told = body["event"]
    if told.get("subtype") != "message_deleted":
        return None
    author = told.get("previous_message", {}).get("user", "")
    return MessageDeleted(
        origin=_origin_of(body, told["channel"], author),
        message=MessageRef(told["channel"], told["deleted_ts"]),
        event_id=body["event_id"],
    )


def _reacted(body: Payload, bot_user: str) -> ReactionChanged | None:
    """Read a reaction that means a vote; None for every other one, and for the bot's own."""
    told = body["event"]
    value, item = vote_of(told["reaction"]), told["item"]
    if value is None or item["type"] != "message" or told["user"] == bot_user:
        return None
    return ReactionChanged(
        origin=_origin_of(body, item["channel"], told["user"]),
        message=MessageRef(item["channel"], item["ts"]),
        value=value,
        added=told["type"] == "reaction_added",
        at=moment(told["event_ts"]),
        event_id=body["event_id"],
    )


def _happened(body: Payload, bot_user: str) -> Invited | ChannelRenamed | ChannelLost | Uninstalled | None:
    """Read what became of a channel or of the app itself; None for every other event."""
    told, event_id = body["event"], body["event_id"]
    match told["type"]:
        case "app_uninstalled":
            return Uninstalled(platform=Platform.SLACK, workspace=_workspace(body))
        case "tokens_revoked" if told["tokens"].get("bot"):
            return Uninstalled(platform=Platform.SLACK, workspace=_workspace(body))
        case "channel_rename" | "group_rename":
            channel = told["channel"]
            origin = replace(_origin_of(body, channel["id"], bot_user), channel_name=f"#{channel['name']}")
            return ChannelRenamed(origin=origin, event_id=event_id)
        case kind if kind in _LOSSES:
            origin = _origin_of(body, told["channel"], bot_user)
            return ChannelLost(origin=origin, why=_LOSSES[kind], event_id=event_id)
        case "member_joined_channel" if told["user"] == bot_user:
            return Invited(origin=_origin_of(body, told["channel"], bot_user), event_id=event_id)
        case _:
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


def _by_person(told: Payload) -> bool:
    return told.get("subtype") in _SPOKEN and "bot_id" not in told and "user" in told


def _origin(body: Payload) -> Origin:
    told = body["event"]
    return _origin_of(body, told["channel"], told["user"])


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
