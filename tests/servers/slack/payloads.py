"""The bodies of events and interactions: https://docs.slack.dev/reference/events/ and its neighbours."""

import copy
from collections.abc import Mapping
from typing import Any

from tests.servers.slack.events import channel_of
from tests.servers.slack.forms import KEPT, entered
from tests.servers.slack.state import Channel, Message, Person, Shared, World
from tests.servers.slack.views import APP, BOT_USER, TEAM, View

KINDS = {"channels": "channel", "groups": "group", "im": "im", "mpim": "mpim"}
VERIFICATION = "verification-token"
ORGANISATION = "Examples"


def callback(world: World, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event in its wrapping."""
    bot = {"enterprise_id": world.enterprise, "team_id": None if world.org_wide else TEAM}
    bot |= {"user_id": BOT_USER, "is_bot": True, "is_enterprise_install": world.org_wide}
    channel = world.channels.get(channel_of(event))
    author = world.people.get(str(event.get("user")))
    team = author.team if author is not None and event["type"] == "message" else TEAM
    organisation = {"enterprise_id": world.enterprise} if world.enterprise else {}
    return {
        "token": VERIFICATION,
        "team_id": team,
        **organisation,
        "context_team_id": TEAM,
        "context_enterprise_id": world.enterprise,
        "api_app_id": APP,
        "event": dict(event),
        "type": "event_callback",
        "event_id": world.number("Ev"),
        "event_time": int(world.clock()),
        "authorizations": [bot],
        "is_ext_shared_channel": channel is not None and channel.shared,
        "event_context": world.number("4-"),
    }


def place(channel: Channel) -> dict[str, str]:
    return {"channel": channel.id, "channel_type": KINDS[channel.kind]}


def message_event(world: World, channel: Channel, message: Message) -> dict[str, Any]:
    """A new message; one that was sent to the channel as well as to a thread carries the thread's root."""
    body = {**message.body(payload=True), **place(channel), "event_ts": message.ts}
    root = world.message(channel.id, message.thread_ts) if message.broadcast else None
    return {**body, "root": root.body()} if root is not None else body


def mention_event(channel: Channel, message: Message) -> dict[str, Any]:
    body = {**message.body(), "team": TEAM}
    return {**body, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}


def changed_event(
    world: World, channel: Channel, message: Message, before: Mapping[str, Any]
) -> dict[str, Any]:
    ts = world.ts()
    whole = {"type": "message", "subtype": "message_changed", "hidden": True, **place(channel)}
    now = message.body(payload=True)
    return {**whole, "ts": ts, "event_ts": ts, "message": now, "previous_message": dict(before)}


def deleted_event(world: World, channel: Channel, message: Message) -> dict[str, Any]:
    """A message is gone; where its thread goes on, it is a tombstone that stands for it."""
    ts, before = world.ts(), message.body(payload=True)
    whole = {"type": "message", "hidden": True, **place(channel), "ts": ts, "event_ts": ts}
    told = {**whole, "previous_message": before}
    if not world.replies(message):
        return {**told, "subtype": "message_deleted", "deleted_ts": message.ts}
    return {**told, "subtype": "message_changed", "message": message.tombstone}


def reaction_event(world: World, kind: str, user: str, message: Message, name: str) -> dict[str, Any]:
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    told = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
    return {**told, "event_ts": world.ts()}


def link_event(
    world: World, channel: Channel, message: Message, links: list[dict[str, str]]
) -> dict[str, Any]:
    """A link in a message that was really sent."""
    unfurl_id = world.number(f"{message.channel}.{message.ts}.")
    urls = {link["url"] for link in links}
    world.shared[unfurl_id] = Shared("conversations_history", urls, channel.id, message.ts)
    where = {"channel": channel.id, "is_bot_user_member": BOT_USER in channel.members}
    what = {"user": message.user, "message_ts": message.ts, "links": links, "source": "conversations_history"}
    told = {"type": "link_shared", **where, **what, "unfurl_id": unfurl_id, "event_ts": world.ts()}
    return {**told, "thread_ts": message.thread_ts} if message.thread_ts else told


def composer_event(world: World, user: str, links: list[dict[str, str]]) -> dict[str, Any]:
    """A link that somebody is still typing; its channel and timestamp are good for unfurling alone."""
    draft = world.number(f"{user}-draft-")
    urls = {link["url"] for link in links}
    world.shared[draft] = Shared("composer", urls, "COMPOSER", draft)
    where = {"channel": "COMPOSER", "is_bot_user_member": True, "user": user, "message_ts": draft}
    what = {"unfurl_id": draft, "source": "composer", "links": links}
    return {"type": "link_shared", **where, **what, "event_ts": world.ts()}


def command_body(world: World, person: Person, channel: Channel, command: str, text: str) -> dict[str, Any]:
    """A slash command; all of it is text."""
    organisation = {"enterprise_id": world.enterprise, "enterprise_name": ORGANISATION}
    return {
        "token": VERIFICATION,
        "team_id": TEAM,
        "team_domain": "example",
        "channel_id": channel.id,
        "channel_name": channel.shown_name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": str(world.org_wide).lower(),
        "trigger_id": world.trigger(person.id),
        **(organisation if world.enterprise else {}),
    }


def interaction(world: World, kind: str, person: Person) -> dict[str, Any]:
    """What all interactions have; an app that a whole organisation has installed is told no workspace."""
    user = {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team}
    return {
        "type": kind,
        "user": user,
        "api_app_id": APP,
        "token": VERIFICATION,
        "team": None if world.org_wide else team(world, TEAM),
        "enterprise": {"id": world.enterprise, "name": ORGANISATION} if world.enterprise else None,
        "is_enterprise_install": world.org_wide,
    }


def team(world: World, team_id: str) -> dict[str, Any]:
    """A workspace, as interactions tell of it."""
    named = {"enterprise_id": world.enterprise, "enterprise_name": ORGANISATION} if world.enterprise else {}
    return {"id": team_id, "domain": "example" if team_id == TEAM else "elsewhere", **named}


def in_view(world: World, view: View) -> dict[str, Any]:
    """Where something happened in a modal or a Home: in no channel, and with others' people in their team."""
    person = world.people[view.user]
    elsewhere = {"team": team(world, person.team)} if person.stranger else {}
    return {**elsewhere, "view": view.body(world.installed_in)}


def action(
    world: World, block_id: str, element: Mapping[str, Any], value: Any, offered: list[dict[str, Any]]
) -> dict[str, Any]:
    """What pressing or choosing sends; only what the element offers can be chosen."""
    kind = element["type"]
    told = {"type": kind, "action_id": element["action_id"], "block_id": block_id, "action_ts": world.ts()}
    if kind in KEPT:
        return told | entered(element, value, offered)
    if kind == "overflow":
        chosen = [each for each in element["options"] if each["value"] == value]
        if not chosen:
            raise LookupError(f"no option {value!r} there")
        return told | {"selected_option": chosen[0]}
    return told | {name: element[name] for name in ("text", "value", "style", "url") if name in element}


OPTIONAL = {
    # https://docs.slack.dev/interactivity/implementing-slash-commands: the names are deprecated.
    "slash_commands": ("user_name", "channel_name", "team_domain"),
    # https://docs.slack.dev/apis/events-api and the pages of the events: what came later, or not with each.
    "events_api": (
        "context_team_id",
        "context_enterprise_id",
        "is_ext_shared_channel",
        "event_context",
        "event.blocks",
        "event.client_msg_id",
        "event.item_user",
        "event.previous_message",
        "event.source",
        "event.is_bot_user_member",
        "event.unfurl_id",
        "event.tab",
    ),
    # https://docs.slack.dev/reference/interaction-payloads: the tables say which fields are required.
    "interactive": (
        "user.name",
        "user.username",
        "user.team_id",
        "channel.name",
        "team.domain",
        "enterprise",
        "message.text",
        "view.app_installed_team_id",
        "view.external_id",
        "view.root_view_id",
        "view.previous_view_id",
    ),
}
"""What payloads of each kind need not have."""


def thinned(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same without anything that it need not have."""
    thin = copy.deepcopy(dict(payload))
    for path in OPTIONAL[kind]:
        *above, name = path.split(".")
        place: Any = thin
        for each in above:
            place = place.get(each) or {}
        place.pop(name, None)
    if thin.get("type") == "view_submission":
        thin.pop("trigger_id")
    return thin
