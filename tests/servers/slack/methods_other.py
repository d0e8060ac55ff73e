"""The methods for conversations, reactions, users and installing."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from tests.servers.slack.limits import limit
from tests.servers.slack.methods_chat import flag, visible
from tests.servers.slack.state import CLIENT_ID, CLIENT_SECRET, Channel, Message, SlackError, Token, World
from tests.servers.slack.views import APP, BOT, BOT_USER

Arguments = Mapping[str, Any]
TIMESTAMP = re.compile(r"\d+(\.\d+)?")
CONVERSATION_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
REACTION = re.compile(r"[a-z0-9_'+-]+(::skin-tone-[2-6])?")


async def api_test(_world: World, _token: Token, arguments: Arguments) -> dict[str, Any]:
    return {"args": arguments}


async def auth_test(_world: World, token: Token, _arguments: Arguments) -> dict[str, Any]:
    if token.kind == "app":
        return {"app_id": APP, "app_name": "bot"}
    bot = {"bot_id": BOT} if token.kind == "bot" else {}
    site = {"url": "https://example.slack.com/", "team": "Example", "team_id": token.team or token.enterprise}
    whole = {"enterprise_id": token.enterprise} if token.enterprise else {}
    wide = {"is_enterprise_install": token.team is None}
    return {**site, **whole, "user": "bot", "user_id": token.user, **wide, **bot}


def readable(world: World, token: Token, arguments: Arguments) -> Channel:
    channel = visible(world, arguments["channel"], token.user)
    if token.user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def bound(arguments: Arguments, name: str, default: float) -> float:
    value = str(arguments.get(name) or "")
    if value and not TIMESTAMP.fullmatch(value):
        raise SlackError(f"invalid_ts_{name}")
    return float(value or default)


def between(messages: list[Message], arguments: Arguments) -> list[Message]:
    """The messages between `oldest` and `latest`. With `inclusive`, the two themselves count as well."""
    oldest = bound(arguments, "oldest", 0)
    latest = bound(arguments, "latest", float("inf"))
    inclusive = flag(arguments, "inclusive")
    return [
        one
        for one in messages
        if oldest < float(one.ts) < latest or (inclusive and float(one.ts) in {oldest, latest})
    ]


def cut(arguments: Arguments, most: int) -> tuple[int, int]:
    """Where a page begins, and how many items it holds at most."""
    try:
        wanted = min(int(arguments.get("limit") or limit("history.default")), most)
        cursor = str(arguments.get("cursor") or "")
        start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:")) if cursor else 0
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise SlackError("invalid_cursor") from None
    if wanted < 1:
        raise SlackError("invalid_limit")
    return start, wanted


def cursor_at(place: int) -> str:
    return base64.b64encode(f"next:{place}".encode()).decode()


def page(world: World, messages: list[Message], arguments: Arguments) -> dict[str, Any]:
    """A page of messages, and the cursor of the next page. New messages do not move that page."""
    most = limit("history.outside" if world.outside_marketplace else "history.most")
    stamp, most = cut(arguments, most)
    stamps = [int(one.ts.replace(".", "")) for one in messages]
    if stamp and stamp not in stamps:
        raise SlackError("invalid_cursor")
    start = stamps.index(stamp) if stamp else 0
    payload = flag(arguments, "include_all_metadata")
    more = start + most < len(messages)
    shown = messages[start : start + most]
    answer: dict[str, Any] = {
        "messages": [one.tombstone if one.deleted else one.body(payload=payload) for one in shown],
        "has_more": more,
    }
    if more:
        answer["response_metadata"] = {"next_cursor": cursor_at(stamps[start + most])}
    return answer


def threaded(world: World, answer: dict[str, Any], channel: Channel) -> dict[str, Any]:
    """The same page, in which each root says who replied, how often and when last."""
    for body in answer["messages"]:
        root = world.root(channel.id, body["ts"])
        if root is not None and (replies := world.replies(root)):
            users = sorted({one.user for one in replies})
            body |= {"thread_ts": root.ts, "reply_count": len(replies), "reply_users": users}
            body |= {"reply_users_count": len(users), "latest_reply": replies[-1].ts}
    return answer


async def history(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    """A channel's messages, newest first. Of replies, it has only those that were broadcast."""
    channel = readable(world, token, arguments)
    kept = [
        one
        for one in reversed(world.posted)
        if one.channel == channel.id
        and world.root(channel.id, one.ts)
        and (one.thread_ts in {None, one.ts} or one.broadcast)
    ]
    answer = threaded(world, page(world, between(kept, arguments), arguments), channel)
    return {**answer, "pin_count": 0}


async def replies(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    """A thread's messages: its root, then the replies, oldest first."""
    channel = readable(world, token, arguments)
    root = world.root(channel.id, str(arguments["ts"]))
    if root is None:
        raise SlackError("thread_not_found")
    inside = between(world.replies(root), arguments)
    return threaded(world, page(world, [root, *inside], arguments), channel)


def channel_body(channel: Channel, user: str) -> dict[str, Any]:
    body: dict[str, Any] = {"id": channel.id, "created": 1, "is_archived": channel.archived}
    if channel.kind == "im":
        return {**body, "is_im": True, "user": next(iter(channel.members - {BOT_USER}), "")}
    private = channel.kind != "channels"
    body |= {"is_shared": channel.shared, "is_ext_shared": channel.shared}
    named = {"name": channel.name, "name_normalized": channel.name}
    kinds = {
        "is_channel": not private,
        "is_group": private,
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
    }
    return {**body, **named, **kinds, "is_private": private, "is_member": user in channel.members}


async def conversations_info(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    channel = visible(world, arguments["channel"], token.user)
    body = channel_body(channel, token.user)
    if flag(arguments, "include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


async def conversations_open(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    if arguments.get("channel"):
        return {"channel": {"id": visible(world, arguments["channel"], token.user).id}}
    users = [one for one in str(arguments.get("users") or "").split(",") if one]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if users[0] not in world.people:
        raise SlackError("user_not_found")
    if world.people[users[0]].is_bot:
        raise SlackError("cannot_dm_bot")
    if world.people[users[0]].deleted:
        raise SlackError("user_disabled")
    opened = f"D{users[0]}" in world.channels
    channel = world.direct(users[0])
    body = channel_body(channel, token.user) if flag(arguments, "return_im") else {"id": channel.id}
    return {"channel": body, "no_op": opened, "already_open": opened}


async def conversations_join(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    channel = visible(world, arguments["channel"], token.user)
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind != "channels":
        raise SlackError("method_not_supported_for_channel_type")
    already = token.user in channel.members
    channel.members.add(token.user)
    more = {"warning": "already_in_channel"} if already else {}
    return {"channel": channel_body(channel, token.user), **more}


async def users_conversations(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    """The channels that somebody is in; private ones only where the caller is in them as well."""
    types = set(str(arguments.get("types") or "public_channel").split(","))
    if types - CONVERSATION_TYPES.keys():
        raise SlackError("invalid_types")
    user = str(arguments.get("user") or token.user)
    if user not in world.people:
        raise SlackError("user_not_found")
    kinds = {CONVERSATION_TYPES[each] for each in types}
    for kind in kinds:
        if f"{kind}:read" not in token.scopes:
            raise SlackError("missing_scope", needed=f"{kind}:read", provided=",".join(sorted(token.scopes)))
    found = [
        channel
        for channel in world.channels.values()
        if channel.kind in kinds
        and user in channel.members
        and (channel.kind == "channels" or token.user in channel.members)
        and not (flag(arguments, "exclude_archived") and channel.archived)
    ]
    start, most = cut(arguments, 999)
    following = {"next_cursor": cursor_at(start + most) if start + most < len(found) else ""}
    bodies = [channel_body(channel, token.user) for channel in found[start : start + most]]
    return {"channels": bodies, "response_metadata": following}


def reacted(world: World, token: Token, arguments: Arguments) -> Message:
    if not arguments.get("channel") or not arguments.get("timestamp"):
        raise SlackError("no_item_specified")
    channel = visible(world, arguments["channel"], token.user)
    if channel.archived:
        raise SlackError("is_archived")
    if token.user not in channel.members:
        raise SlackError("not_in_channel")
    message = world.message(channel.id, arguments["timestamp"])
    if message is None:
        raise SlackError("message_not_found")
    return message


async def reactions_get(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    """Without `full`, the lists of users are cut short, but the counts are not."""
    message = reacted(world, token, arguments)
    body = message.body()
    if message.reactions:
        body["reactions"] = message.reaction_list(full=flag(arguments, "full"))
    return {"type": "message", "channel": message.channel, "message": body}


async def reactions_add(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    message = reacted(world, token, arguments)
    if not REACTION.fullmatch(str(arguments["name"])):
        raise SlackError("invalid_name")
    users = message.reactions.setdefault(arguments["name"], [])
    if token.user in users:
        raise SlackError("already_reacted")
    users.append(token.user)
    return {}


async def reactions_remove(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    users = reacted(world, token, arguments).reactions.get(arguments["name"], [])
    if token.user not in users:
        raise SlackError("no_reaction")
    users.remove(token.user)
    return {}


async def users_info(world: World, _token: Token, arguments: Arguments) -> dict[str, Any]:
    person = world.people.get(str(arguments["user"]))
    if person is None:
        raise SlackError("user_not_found")
    told = {"id": person.id, "team_id": person.team, "name": person.name, "real_name": person.name.title()}
    profile = {"real_name": told["real_name"], "display_name": person.name}
    more = {"tz": person.tz, "deleted": person.deleted, "is_bot": person.is_bot, "profile": profile}
    if person.stranger:
        more["is_stranger"] = True
    else:
        more |= {"is_admin": person.admin, "is_owner": False, "is_primary_owner": False}
    return {"user": {**told, **more}}


async def oauth_access(world: World, _token: Token, arguments: Arguments) -> dict[str, Any]:
    """A code works once."""
    if arguments.get("client_id") != CLIENT_ID:
        raise SlackError("invalid_client_id")
    if arguments.get("client_secret") != CLIENT_SECRET:
        raise SlackError("bad_client_secret")
    shown = world.codes.pop(str(arguments.get("code")), "")
    if not shown:
        raise SlackError("invalid_code")
    token = world.tokens[shown]
    scopes = ",".join(sorted(token.scopes))
    team = {"id": token.team, "name": "Example"} if token.team else None
    enterprise = {"id": token.enterprise, "name": "Examples"} if token.enterprise else None
    told = {"access_token": shown, "token_type": "bot", "bot_user_id": token.user, "scope": scopes}
    told |= {"refresh_token": "xoxe-1-renews", "expires_in": 12 * 60 * 60} if token.rotates else {}
    place = {"team": team, "enterprise": enterprise, "is_enterprise_install": team is None}
    return {"app_id": APP, "authed_user": {"id": "U1ADA"}, **told, **place}


OTHERS = {
    "api.test": api_test,
    "auth.test": auth_test,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": conversations_info,
    "conversations.open": conversations_open,
    "conversations.join": conversations_join,
    "reactions.get": reactions_get,
    "reactions.add": reactions_add,
    "reactions.remove": reactions_remove,
    "users.conversations": users_conversations,
    "users.info": users_info,
    "oauth.v2.access": oauth_access,
}
