"""The bodies of events and interactions: https://docs.slack.dev/reference/events/ and its neighbours."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers.slack.state import APP, BOT_USER, TEAM, Channel, Message, Person, World

KINDS = {"channels": "channel", "groups": "group", "im": "im"}
VERIFICATION = "verification-token"


def callback(world: World, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event in its wrapping."""
    bot = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
    return {
        "token": VERIFICATION,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": dict(event),
        "type": "event_callback",
        "event_id": world.number("Ev"),
        "event_time": int(world.clock()),
        "authorizations": [{**bot, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        "event_context": world.number("4-"),
    }


def place(channel: Channel) -> dict[str, str]:
    return {"channel": channel.id, "channel_type": KINDS[channel.kind]}


def message_event(channel: Channel, message: Message) -> dict[str, Any]:
    return {**message.body(payload=True), **place(channel), "event_ts": message.ts}


def mention_event(channel: Channel, message: Message) -> dict[str, Any]:
    body = message.body()
    return {**body, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}


def changed_event(
    world: World, channel: Channel, message: Message, before: Mapping[str, Any]
) -> dict[str, Any]:
    ts = world.ts()
    whole = {"type": "message", "subtype": "message_changed", "hidden": True, **place(channel)}
    now = message.body(payload=True)
    return {**whole, "ts": ts, "event_ts": ts, "message": now, "previous_message": dict(before)}


def deleted_event(world: World, channel: Channel, message: Message) -> dict[str, Any]:
    ts = world.ts()
    whole = {"type": "message", "subtype": "message_deleted", "hidden": True, **place(channel)}
    before = message.body(payload=True)
    return {**whole, "ts": ts, "event_ts": ts, "deleted_ts": message.ts, "previous_message": before}


def reaction_event(world: World, kind: str, user: str, message: Message, name: str) -> dict[str, Any]:
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    told = {"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.user}
    return {**told, "event_ts": world.ts()}


def link_event(
    world: World, channel: Channel, message: Message, links: list[dict[str, str]]
) -> dict[str, Any]:
    """A link in a message that was really sent."""
    where = {"channel": channel.id, "is_bot_user_member": BOT_USER in channel.members}
    what = {"user": message.user, "message_ts": message.ts, "links": links, "source": "conversations_history"}
    unfurl = f"{message.channel}.{message.ts}"
    return {"type": "link_shared", **where, **what, "unfurl_id": unfurl, "event_ts": world.ts()}


def composer_event(world: World, user: str, links: list[dict[str, str]]) -> dict[str, Any]:
    """A link that somebody is still typing."""
    where = {"channel": "COMPOSER", "is_bot_user_member": True, "user": user, "message_ts": "uuid-of-a-draft"}
    return {"type": "link_shared", **where, "links": links, "source": "composer", "event_ts": world.ts()}


def command_body(world: World, person: Person, channel: Channel, command: str, text: str) -> dict[str, Any]:
    """A slash command; all of it is text."""
    return {
        "token": VERIFICATION,
        "team_id": TEAM,
        "team_domain": "example",
        "channel_id": channel.id,
        "channel_name": {"im": "directmessage", "groups": "privategroup"}.get(channel.kind, channel.name),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "trigger_id": world.trigger(person.id),
    }


def interaction(world: World, kind: str, person: Person) -> dict[str, Any]:
    """What all interactions have."""
    user = {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM}
    return {
        "type": kind,
        "user": user,
        "api_app_id": APP,
        "token": VERIFICATION,
        "team": {"id": TEAM, "domain": "example"},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": world.trigger(person.id),
    }


def elements(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything to press or fill in, with its block's id."""
    for block in blocks:
        if block["type"] == "actions":
            yield from ((block["block_id"], each) for each in block["elements"])
        for name in ("accessory", "element"):
            if name in block and "action_id" in block[name]:
                yield block["block_id"], block[name]


def action(world: World, block_id: str, element: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    """What pressing or choosing sends; only an option that the element offers can be chosen."""
    kind = element["type"]
    told = {"type": kind, "action_id": element["action_id"], "block_id": block_id, "action_ts": world.ts()}
    if kind == "button":
        return told | {name: element[name] for name in ("text", "value", "style", "url") if name in element}
    if "options" in element:
        chosen = [each for each in element["options"] if each["value"] == value]
        if not chosen:
            raise LookupError(f"no option {value!r} there")
        many = kind in {"checkboxes", "multi_static_select"}
        return told | ({"selected_options": chosen} if many else {"selected_option": chosen[0]})
    chosen_in = {"users_select": "selected_user", "conversations_select": "selected_conversation"}
    chosen_in |= {"channels_select": "selected_channel", "timepicker": "selected_time"}
    return told | {chosen_in.get(kind, "selected_date" if kind == "datepicker" else "value"): value}
