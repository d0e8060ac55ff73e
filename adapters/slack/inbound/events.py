"""Slack's payloads → events. Shapes: https://docs.slack.dev/reference/events/ and its neighbours."""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from adapters.slack import SLACK
from adapters.slack.inbound.reactions import vote_of
from adapters.slack.limits import UNFURL_DOMAINS
from adapters.slack.render.text import COMMAND
from bot.domain.channel import Origin
from bot.domain.message import MessageRef
from bot.protocol.arguments import split_command
from bot.protocol.events import (
    ChannelLost,
    ChannelRenamed,
    CommandInvoked,
    Event,
    HomeOpened,
    Invited,
    LinkShared,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionChanged,
    Uninstalled,
)

Payload: TypeAlias = Mapping[str, Any]
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What a parser raises on a payload that does not have the documented shape."""

_PLACEHOLDER_NAMES = frozenset({"directmessage", "privategroup"})
"""What a slash command puts in `channel_name` for channels that it does not name."""
_LINK_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
"""`<target>` and `<target|label>`: https://docs.slack.dev/messaging/formatting-message-text."""
_LOSS_REASONS = {
    "channel_archive": "it is archived",
    "group_archive": "it is archived",
    "channel_deleted": "it was deleted",
    "group_deleted": "it was deleted",
    "channel_left": "I was taken out of it",
    "group_left": "I was taken out of it",
}
_PERSON_SUBTYPES = frozenset({None, "thread_broadcast", "file_share", "me_message"})
"""Subtypes of messages that people write: https://docs.slack.dev/reference/events/message."""


def parse_command(body: Payload) -> CommandInvoked:
    """Parse a slash command. Its `trigger_id` is new each time somebody runs one, so it is the event's id.

    Slack calls `user_name` and `channel_name` deprecated, so either may be missing:
    https://docs.slack.dev/interactivity/implementing-slash-commands.
    """
    origin = Origin(
        SLACK,
        workspace_of(body),
        body["channel_id"],
        body["user_id"],
        person_name=body.get("user_name") or "",
        channel_name=channel_label(body.get("channel_name") or ""),
        direct=is_direct(body["channel_id"]),
    )
    name, arguments = split_command(plain_text(body.get("text") or ""))
    return CommandInvoked(origin=origin, name=name, arguments=arguments, event_id=body.get("trigger_id"))


def parse_event(body: Payload, bot_user: str) -> Event | None:
    """Parse an event of the Events API. Returns None for one that the bot has no use for."""
    kind = body["event"]["type"]
    if kind == "app_mention" or (kind == "message" and is_direct(body["event"]["channel"])):
        return _message_to_bot(body, bot_user)
    if kind == "message":
        return _message_deleted(body) or _message_edited(body) or _message_posted(body, bot_user)
    if kind in {"reaction_added", "reaction_removed"}:
        return _reaction_changed(body, bot_user)
    if kind == "link_shared":
        return _link_shared(body)
    if kind == "app_home_opened":
        return _home_opened(body)
    return _lifecycle_event(body, bot_user)


def _message_to_bot(body: Payload, bot_user: str) -> CommandInvoked | MessageDeleted | None:
    """Parse a direct message to the bot, or a message that mentions it."""
    event = body["event"]
    if not _written_by_person(event):
        return _message_deleted(body)
    # Direct messages come as `message.im`. A mention in one must not be answered a second time:
    # https://docs.slack.dev/reference/events/app_mention.
    if event["type"] == "app_mention" and is_direct(event["channel"]):
        return None
    text = plain_text((event.get("text") or "").replace(f"<@{bot_user}>", " "))
    name, arguments = split_command(text.removeprefix(COMMAND))
    return CommandInvoked(origin=_origin(body), name=name, arguments=arguments, event_id=body["event_id"])


def _message_posted(body: Payload, bot_user: str) -> MessagePosted | None:
    """Parse a person's message in a channel. Returns None for others, and for those that mention the bot.

    A mention comes as `app_mention` as well, and is a command. Links that Slack also reports by `link_shared`
    are left to that event.
    """
    event = body["event"]
    if not _written_by_person(event) or f"<@{bot_user}>" in (event.get("text") or ""):
        return None
    return MessagePosted(
        origin=_origin(body),
        message=MessageRef(event["channel"], event["ts"], event.get("thread_ts")),
        at=parse_ts(event["ts"]),
        links=tuple(link for link in links_in(event.get("text") or "") if not has_unfurl_domain(link)),
        event_id=body["event_id"],
    )


def _message_edited(body: Payload) -> MessageEdited | None:
    """Parse a person's change of their message's text. Returns None for every other message.

    Slack sends `message_changed` for more than the text, such as an unfurled link or a new reply.
    """
    event = body["event"]
    if event.get("subtype") != "message_changed" or not _written_by_person(event["message"]):
        return None
    message, previous = event["message"], event.get("previous_message") or {}
    if message.get("text") == previous.get("text"):
        return None
    return MessageEdited(
        origin=_origin_of(body, event["channel"], message["user"]),
        message=MessageRef(event["channel"], message["ts"], message.get("thread_ts")),
        at=parse_ts(event["event_ts"]),
        links=links_in(message.get("text") or ""),
        event_id=body["event_id"],
    )


def _message_deleted(body: Payload) -> MessageDeleted | None:
    """Parse a message's deletion. Returns None for every other message.

    A deleted message that has replies is changed into a tombstone instead.
    """
    event = body["event"]
    if event.get("subtype") == "message_deleted":
        ts = event["deleted_ts"]
    elif (event.get("message") or {}).get("subtype") == "tombstone":
        ts = event["message"]["ts"]
    else:
        return None
    author = (event.get("previous_message") or {}).get("user", "")
    return MessageDeleted(
        origin=_origin_of(body, event["channel"], author),
        message=MessageRef(event["channel"], ts),
        event_id=body["event_id"],
    )


def _link_shared(body: Payload) -> LinkShared | None:
    """Parse the links of a posted message: https://docs.slack.dev/reference/events/link_shared.

    Returns None while somebody still types it, and in channels that the bot is not a member of.
    """
    event = body["event"]
    # Older payloads have neither `source` nor `is_bot_user_member`; a message still typed has no channel id.
    source = event.get("source", "composer" if event["channel"] == "COMPOSER" else "conversations_history")
    if source != "conversations_history" or not event.get("is_bot_user_member", True):
        return None
    return LinkShared(
        origin=_origin_of(body, event["channel"], event["user"]),
        message=MessageRef(event["channel"], event["message_ts"], event.get("thread_ts")),
        at=parse_ts(event["message_ts"]),
        links=tuple(dict.fromkeys(link["url"] for link in event["links"])),
        event_id=body["event_id"],
    )


def _home_opened(body: Payload) -> HomeOpened | None:
    """Parse a visit to the Home tab. Returns None for the Messages tab, which has the same event."""
    event = body["event"]
    return HomeOpened(origin=_origin(body)) if event.get("tab", "home") == "home" else None


def _reaction_changed(body: Payload, bot_user: str) -> ReactionChanged | None:
    """Parse a reaction that is a vote. Returns None for every other one, and for the bot's own."""
    event = body["event"]
    reaction, item = vote_of(event["reaction"]), event["item"]
    if reaction is None or item["type"] != "message" or event["user"] == bot_user:
        return None
    return ReactionChanged(
        origin=_origin_of(body, item["channel"], event["user"]),
        message=MessageRef(item["channel"], item["ts"]),
        reaction=reaction,
        added=event["type"] == "reaction_added",
        at=parse_ts(event["event_ts"]),
        timed=True,
        event_id=body["event_id"],
    )


def _lifecycle_event(
    body: Payload, bot_user: str
) -> Invited | ChannelRenamed | ChannelLost | Uninstalled | None:
    """Parse what happened to a channel or to the app's installation. Returns None for every other event."""
    event, event_id = body["event"], body["event_id"]
    match event["type"]:
        case "app_uninstalled":
            return Uninstalled(platform=SLACK, workspace=workspace_of(body))
        case "tokens_revoked" if (event.get("tokens") or {}).get("bot"):
            return Uninstalled(platform=SLACK, workspace=workspace_of(body))
        case "channel_rename" | "group_rename":
            channel = event["channel"]
            origin = replace(_origin_of(body, channel["id"], bot_user), channel_name=f"#{channel['name']}")
            return ChannelRenamed(origin=origin, event_id=event_id)
        case kind if kind in _LOSS_REASONS:
            origin = _origin_of(body, event["channel"], bot_user)
            return ChannelLost(origin=origin, why=_LOSS_REASONS[kind], event_id=event_id)
        case "member_joined_channel" if event["user"] == bot_user:
            inviter = event.get("inviter") or bot_user
            return Invited(origin=_origin_of(body, event["channel"], inviter), event_id=event_id)
        case _:
            return None


def parse_ts(ts: str) -> datetime:
    """Convert a message's `ts`, or an event's `event_ts`, to a time."""
    return datetime.fromtimestamp(float(ts), UTC)


def plain_text(text: str) -> str:
    """Convert a message's text to what its author typed: links, names and escapes as people see them."""
    return html.unescape(_LINK_MARKUP.sub(_typed_form, text)).strip()


def links_in(text: str) -> tuple[str, ...]:
    """Return the http(s) addresses that a message's text links to, in order and each once."""
    targets = (html.unescape(found[1]) for found in _LINK_MARKUP.finditer(text))
    return tuple(dict.fromkeys(each for each in targets if each.lower().startswith(("http://", "https://"))))


def has_unfurl_domain(link: str) -> bool:
    """Whether Slack reports this link by `link_shared` as well as in the message."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:  # people may type <http://[a.b>, and Slack passes it on as a link
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in UNFURL_DOMAINS)


def _typed_form(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target.lower().startswith(("http://", "https://", "mailto:")):
        return target
    return label or target.lstrip("@#!")


def _written_by_person(message: Payload) -> bool:
    return message.get("subtype") in _PERSON_SUBTYPES and not message.get("bot_id") and "user" in message


def _origin(body: Payload) -> Origin:
    event = body["event"]
    return _origin_of(body, event["channel"], event["user"])


def _origin_of(body: Payload, channel: str, person: str) -> Origin:
    return Origin(SLACK, workspace_of(body), channel, person, direct=is_direct(channel))


def channel_label(name: str) -> str:
    """Put a `#` before a channel's name; empty where Slack gives no name."""
    return "" if not name or name in _PLACEHOLDER_NAMES else f"#{name}"


def is_direct(channel: str) -> bool:
    """Whether a channel is somebody's direct messages with the bot."""
    return channel.startswith("D")


def workspace_of(body: Payload) -> str:
    """Return the id of the workspace or organisation that installed the app.

    In a Slack Connect channel `team_id` may be the sender's workspace, so `authorizations` comes first:
    https://docs.slack.dev/apis/events-api. An app that a whole organisation installed has one
    token for it, so the organisation's id is the workspace.
    """
    installation = (body.get("authorizations") or [body])[0]
    # Slash commands come as form data, where the flag is text.
    if installation.get("is_enterprise_install") in {True, "true"}:
        return str(installation.get("enterprise_id") or installation["enterprise"]["id"])
    return str(installation.get("team_id") or installation["team"]["id"])
