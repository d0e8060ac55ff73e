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
"""What reading fails with where a payload is not of the documented shape."""

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


def command(body: Payload) -> CommandInvoked:
    """Read a slash command. Its `trigger_id` is new each time it is typed.

    Slack's pages call the names deprecated: https://docs.slack.dev/interactivity/implementing-slash-commands.
    """
    origin = Origin(
        SLACK,
        workspace(body),
        body["channel_id"],
        body["user_id"],
        person_name=body.get("user_name") or "",
        channel_name=named(body.get("channel_name") or ""),
        direct=direct(body["channel_id"]),
    )
    word, arguments = split_command(plain(body.get("text") or ""))
    return CommandInvoked(origin=origin, name=word, arguments=arguments, event_id=body.get("trigger_id"))


def event(body: Payload, bot_user: str) -> Event | None:
    """Read an event of the Events API; None where it means nothing to the bot."""
    kind = body["event"]["type"]
    if kind == "app_mention" or (kind == "message" and direct(body["event"]["channel"])):
        return _spoken_command(body, bot_user)
    if kind == "message":
        return _deleted(body) or _edited(body) or _posted(body, bot_user)
    if kind in {"reaction_added", "reaction_removed"}:
        return _reacted(body, bot_user)
    if kind == "link_shared":
        return _shared(body)
    if kind == "app_home_opened":
        return _opened(body)
    return _happened(body, bot_user)


def _spoken_command(body: Payload, bot_user: str) -> CommandInvoked | MessageDeleted | None:
    """Read what somebody says to the bot, in a direct message or by its name."""
    told = body["event"]
    if not _by_person(told):
        return _deleted(body)
    if told["type"] == "app_mention" and direct(told["channel"]):
        return None
    text = plain((told.get("text") or "").replace(f"<@{bot_user}>", " "))
    word, arguments = split_command(text.removeprefix(COMMAND))
    return CommandInvoked(origin=_origin(body), name=word, arguments=arguments, event_id=body["event_id"])


def _posted(body: Payload, bot_user: str) -> MessagePosted | None:
    """Read a message that a person wrote in a channel, and not to the bot; None for every other message."""
    told = body["event"]
    if not _by_person(told) or f"<@{bot_user}>" in (told.get("text") or ""):
        return None
    return MessagePosted(
        origin=_origin(body),
        message=MessageRef(told["channel"], told["ts"], told.get("thread_ts")),
        at=moment(told["ts"]),
        links=tuple(link for link in links_in(told.get("text") or "") if not previewed(link)),
        event_id=body["event_id"],
    )


def _edited(body: Payload) -> MessageEdited | None:
    """Read that a person changed what a message says; None for every other message."""
    told = body["event"]
    if told.get("subtype") != "message_changed" or not _by_person(told["message"]):
        return None
    now, before = told["message"], told.get("previous_message") or {}
    if now.get("text") == before.get("text"):
        return None
    return MessageEdited(
        origin=_origin_of(body, told["channel"], now["user"]),
        message=MessageRef(told["channel"], now["ts"], now.get("thread_ts")),
        at=moment(told["event_ts"]),
        links=links_in(now.get("text") or ""),
        event_id=body["event_id"],
    )


def _deleted(body: Payload) -> MessageDeleted | None:
    """Read that a message is gone, or that a tombstone stands for it; None for every other message."""
    told = body["event"]
    if told.get("subtype") == "message_deleted":
        gone = told["deleted_ts"]
    elif (told.get("message") or {}).get("subtype") == "tombstone":
        gone = told["message"]["ts"]
    else:
        return None
    author = (told.get("previous_message") or {}).get("user", "")
    return MessageDeleted(
        origin=_origin_of(body, told["channel"], author),
        message=MessageRef(told["channel"], gone),
        event_id=body["event_id"],
    )


def _shared(body: Payload) -> LinkShared | None:
    """Read links that really stand in a channel the bot is in: not while somebody still types them."""
    told = body["event"]
    # Older payloads tell neither; what is still typed has no channel of its own.
    source = told.get("source", "composer" if told["channel"] == "COMPOSER" else "conversations_history")
    if source != "conversations_history" or not told.get("is_bot_user_member", True):
        return None
    return LinkShared(
        origin=_origin_of(body, told["channel"], told["user"]),
        message=MessageRef(told["channel"], told["message_ts"], told.get("thread_ts")),
        at=moment(told["message_ts"]),
        links=tuple(dict.fromkeys(link["url"] for link in told["links"])),
        event_id=body["event_id"],
    )


def _opened(body: Payload) -> HomeOpened | None:
    """Read that somebody looks at the Home tab."""
    told = body["event"]
    return HomeOpened(origin=_origin(body)) if told.get("tab", "home") == "home" else None


def _reacted(body: Payload, bot_user: str) -> ReactionChanged | None:
    """Read a reaction that means a vote; None for every other one, and for the bot's own."""
    told = body["event"]
    reaction, item = vote_of(told["reaction"]), told["item"]
    if reaction is None or item["type"] != "message" or told["user"] == bot_user:
        return None
    return ReactionChanged(
        origin=_origin_of(body, item["channel"], told["user"]),
        message=MessageRef(item["channel"], item["ts"]),
        reaction=reaction,
        added=told["type"] == "reaction_added",
        at=moment(told["event_ts"]),
        timed=True,
        event_id=body["event_id"],
    )


def _happened(body: Payload, bot_user: str) -> Invited | ChannelRenamed | ChannelLost | Uninstalled | None:
    """Read what became of a channel or of the app itself; None for every other event."""
    told, event_id = body["event"], body["event_id"]
    match told["type"]:
        case "app_uninstalled":
            return Uninstalled(platform=SLACK, workspace=workspace(body))
        case "tokens_revoked" if (told.get("tokens") or {}).get("bot"):
            return Uninstalled(platform=SLACK, workspace=workspace(body))
        case "channel_rename" | "group_rename":
            channel = told["channel"]
            origin = replace(_origin_of(body, channel["id"], bot_user), channel_name=f"#{channel['name']}")
            return ChannelRenamed(origin=origin, event_id=event_id)
        case kind if kind in _LOSSES:
            origin = _origin_of(body, told["channel"], bot_user)
            return ChannelLost(origin=origin, why=_LOSSES[kind], event_id=event_id)
        case "member_joined_channel" if told["user"] == bot_user:
            inviter = told.get("inviter") or bot_user
            return Invited(origin=_origin_of(body, told["channel"], inviter), event_id=event_id)
        case _:
            return None


def moment(ts: str) -> datetime:
    """Give the time that a message's `ts` tells."""
    return datetime.fromtimestamp(float(ts), UTC)


def plain(text: str) -> str:
    """Give text as it was typed: links, names and escapes as people see them."""
    return html.unescape(_MARKED.sub(_typed, text)).strip()


def links_in(text: str) -> tuple[str, ...]:
    """Give the addresses that people see as links in a message's text, in order, each once."""
    targets = (html.unescape(found[1]) for found in _MARKED.finditer(text))
    return tuple(dict.fromkeys(each for each in targets if each.lower().startswith(("http://", "https://"))))


def previewed(link: str) -> bool:
    """Whether Slack tells of a link by `link_shared` as well."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:  # people may type <http://[a.b>, and Slack passes it on as a link
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in UNFURL_DOMAINS)


def _typed(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target.lower().startswith(("http://", "https://", "mailto:")):
        return target
    return label or target.lstrip("@#!")


def _by_person(told: Payload) -> bool:
    return told.get("subtype") in _SPOKEN and not told.get("bot_id") and "user" in told


def _origin(body: Payload) -> Origin:
    told = body["event"]
    return _origin_of(body, told["channel"], told["user"])


def _origin_of(body: Payload, channel: str, person: str) -> Origin:
    return Origin(SLACK, workspace(body), channel, person, direct=direct(channel))


def named(name: str) -> str:
    """Give a channel's name with its `#`, empty where Slack does not tell it."""
    return "" if not name or name in _UNNAMED else f"#{name}"


def direct(channel: str) -> bool:
    """Whether a channel is somebody's own talk with the bot."""
    return channel.startswith("D")


def workspace(body: Payload) -> str:
    """The workspace that installed the app: in a channel shared with others the sender's is another.

    An app that a whole organisation has installed knows the organisation.
    """
    told = (body.get("authorizations") or [body])[0]
    if told.get("is_enterprise_install") in {True, "true"}:
        return str(told.get("enterprise_id") or told["enterprise"]["id"])
    return str(told.get("team_id") or told["team"]["id"])
