"""Threads and forum posts: https://docs.discord.com/developers/resources/channel#start-thread-from-message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.servers.discord import events, threads
from tests.servers.discord.bodies import message_body, stamp, thread_body, thread_member_body
from tests.servers.discord.calls import Call
from tests.servers.discord.drafts import check_message
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import ARCHIVE_MINUTES, limit
from tests.servers.discord.permissions import BITS, allowed, require
from tests.servers.discord.places import (
    FORUM,
    HAS_THREAD,
    NEWS,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    REQUIRE_TAG,
    TEXT,
    THREAD_CREATED,
    THREAD_STARTER,
    Channel,
    Message,
)
from tests.servers.discord.problems import Problems
from tests.servers.discord.rest_messages import require_for, seen_channel, written
from tests.servers.discord.state import BOT, World

Body = dict[str, Any]
CREATED = 201


def check_thread(body: Mapping[str, Any], problems: Problems, *, new: bool) -> None:
    if new:
        problems.needs(body, ["name"], ())
    problems.string(body, "name", limit("channel.name"), (), least=1)
    problems.number(body, "rate_limit_per_user", (0, limit("slowmode")), ())
    if body.get("auto_archive_duration") is not None:
        problems.one_of(body, "auto_archive_duration", ARCHIVE_MINUTES, ())
    for name in ("archived", "locked", "invitable"):
        problems.truth(body, name, ())


def made_thread(world: World, parent: Channel, body: Mapping[str, Any], kind: int, made: int) -> Channel:
    threads.require_room(world, parent.guild or 0)
    thread = Channel(made, body["name"].strip(), kind, parent.guild, parent.id)
    thread.archive_minutes = body.get("auto_archive_duration") or 1440
    thread.slowmode = body.get("rate_limit_per_user") or 0
    threads.open_thread(world, thread, BOT)
    return thread


async def start_from_message(call: Call) -> Body:
    """The thread has the id of its message."""
    parent = seen_channel(call, "READ_MESSAGE_HISTORY CREATE_PUBLIC_THREADS")
    if parent.kind not in {TEXT, NEWS}:
        raise DiscordError(50024)
    message = call.world.message(parent.id, call.id("message_id"))
    body, problems = call.fields(), Problems()
    check_thread(body, problems, new=True)
    problems.refuse()
    if message.flags & HAS_THREAD:
        raise DiscordError(160004)
    kind = NEWS_THREAD if parent.kind == NEWS else PUBLIC_THREAD
    thread = made_thread(call.world, parent, body, kind, message.id)
    begin_from(call.world, thread, message)
    call.status = CREATED
    return thread_body(call.world, thread)


def begin_from(world: World, thread: Channel, message: Message) -> None:
    """Mark the message that a thread was started from, and begin the thread with it."""
    message.flags |= HAS_THREAD
    message.thread = thread.id
    events.message_event(world, "MESSAGE_UPDATE", message)
    starter = Message(world.id(), thread.id, message.author, guild=thread.guild, kind=THREAD_STARTER)
    starter.sent_at = world.clock()
    starter.reference = {"message_id": str(message.id), "channel_id": str(message.channel), "type": 0}
    events.post(world, starter)


async def start_alone(call: Call) -> Body:
    """A thread without a message, or a post in a forum."""
    parent = seen_channel(call)
    body, problems = call.fields(), Problems()
    check_thread(body, problems, new=True)
    if parent.kind == FORUM:
        return start_post(call, parent, body, problems)
    if parent.kind not in {TEXT, NEWS}:
        raise DiscordError(50024)
    if body.get("type") is not None:
        problems.one_of(body, "type", (NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD), ())
    problems.refuse()
    kind = body.get("type") or PRIVATE_THREAD
    needed = "CREATE_PRIVATE_THREADS" if kind == PRIVATE_THREAD else "CREATE_PUBLIC_THREADS"
    require(call.world.guild_of(parent), parent, BOT, needed)
    thread = made_thread(call.world, parent, body, kind, call.world.id())
    if kind != PRIVATE_THREAD:
        announce(call.world, parent, thread, BOT)
    call.status = CREATED
    return thread_body(call.world, thread)


def announce(world: World, parent: Channel, thread: Channel, starter: int) -> None:
    """The message by which the channel hears of a thread that has none."""
    told = Message(world.id(), parent.id, starter, thread.name, parent.guild, THREAD_CREATED)
    told.sent_at = world.clock()
    told.reference = {"channel_id": str(thread.id), "guild_id": str(parent.guild), "type": 0}
    events.post(world, told)


def start_post(call: Call, parent: Channel, body: Mapping[str, Any], problems: Problems) -> Body:
    """A post in a forum is a thread with its first message, which has the thread's id."""
    require(call.world.guild_of(parent), parent, BOT, "SEND_MESSAGES")
    problems.needs(body, ["message"], ())
    tags = check_tags(call.world, parent, body, problems)
    if body.get("message") is not None:
        problems.is_object(body["message"], ("message",))
    problems.refuse()
    try:
        draft = check_message(body["message"], call.files, emojis=call.world.emojis())
    except DiscordError as error:
        if error.errors is None:
            raise
        raise DiscordError(error.code, errors={"message": error.errors}) from None
    require_for(call.world, parent, draft)
    thread = made_thread(call.world, parent, body, PUBLIC_THREAD, call.world.id())
    thread.applied_tags = tags
    message = written(call.world, thread, draft, nonce=draft.body.get("nonce"))
    message.id = thread.id
    events.post(call.world, message)
    call.status = CREATED
    return {**thread_body(call.world, thread), "message": message_body(call.world, message)}


def check_tags(world: World, forum: Channel, body: Mapping[str, Any], problems: Problems) -> list[int]:
    """The tags of a post: known ones, those of moderators only from them, and one where that is asked for."""
    tags = problems.ids(body, "applied_tags", limit("forum.tags"), ())
    problems.refuse()
    known = {tag.id: tag for tag in forum.tags}
    may = allowed(world.guild_of(forum), forum, BOT) & BITS["MANAGE_THREADS"]
    for tag in tags:
        if tag not in known:
            raise DiscordError(10087)
        if known[tag].moderated and not may:
            raise DiscordError(50013)
    if forum.flags & REQUIRE_TAG and not tags:
        raise DiscordError(40067)
    return tags


def edit_thread(call: Call, thread: Channel) -> Body:
    """Change a thread: who began it may, and members may open it again unless it is locked."""
    body, problems = call.fields(), Problems()
    check_thread(body, problems, new=False)
    problems.refuse()
    guild = call.world.guild_of(thread)
    manages = bool(allowed(guild, thread, BOT) & BITS["MANAGE_THREADS"])
    opens = body.get("archived") is False
    if thread.archived and not opens:
        raise DiscordError(50083)
    if thread.archived:
        threads.require_room(call.world, thread.guild or 0)
    if ("locked" in body or "rate_limit_per_user" in body or (thread.locked and opens)) and not manages:
        raise DiscordError(50013)
    only_opens = opens and body.keys() == {"archived"} and BOT in thread.thread_members
    if not (manages or thread.owner == BOT or only_opens):
        raise DiscordError(50013)
    if "applied_tags" in body:
        forum = call.world.channel(thread.parent or 0)
        thread.applied_tags = check_tags(call.world, forum, body, problems)
    thread.name = body.get("name") or thread.name
    thread.locked = body.get("locked", thread.locked)
    thread.archive_minutes = body.get("auto_archive_duration") or thread.archive_minutes
    thread.slowmode = body.get("rate_limit_per_user", thread.slowmode)
    if body.get("archived") is not None:
        threads.set_archived(call.world, thread, archived=body["archived"])
    threads.tell_changed(call.world, thread)
    return thread_body(call.world, thread)


def delete_thread(call: Call, thread: Channel) -> Body:
    require(call.world.guild_of(thread), thread, BOT, "MANAGE_THREADS")
    body = thread_body(call.world, thread)
    threads.remove(call.world, thread)
    return body


def listed(world: World, found: list[Channel]) -> Body:
    mine = [thread_member_body(one, BOT) for one in found if BOT in one.thread_members]
    return {"threads": [thread_body(world, one, member=False) for one in found], "members": mine}


async def active(call: Call) -> Body:
    guild = call.world.guild(call.id("guild_id"))
    inside = [one for one in guild.channels.values() if one.is_thread and not one.archived]
    seen = [one for one in inside if allowed(guild, one, BOT)]
    return {**listed(call.world, sorted(seen, key=lambda one: -one.id)), "has_more": False}


async def archived_public(call: Call) -> Body:
    """Archived threads, those archived last first; `before` is a moment."""
    parent = seen_channel(call, "READ_MESSAGE_HISTORY")
    most = call.number("limit", 50, limit("threads.most"), least=2)
    found = [one for one in call.world.threads(parent.id) if one.archived and not one.is_private]
    if "before" in call.query:
        before = moment(call.query["before"])
        found = [one for one in found if moment(stamp(one.archive_changed)) < before]
    found.sort(key=lambda one: (-one.archive_changed, -one.id))
    return {**listed(call.world, found[:most]), "has_more": len(found) > most}


def moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        problems = Problems()
        problems.add(("before",), "DATE_TIME_TYPE_PARSE", f"Could not parse {text}. Should be ISO8601.")
        problems.refuse()
        raise


def open_thread_of(call: Call) -> Channel:
    thread = seen_channel(call)
    if not thread.is_thread:
        raise DiscordError(50024)
    if thread.archived:
        raise DiscordError(50083)
    return thread


async def join(call: Call) -> None:
    threads.join(call.world, open_thread_of(call), BOT)


async def leave(call: Call) -> None:
    threads.leave(call.world, open_thread_of(call), BOT)


async def add_member(call: Call) -> None:
    thread, user = open_thread_of(call), call.id("user_id")
    require(call.world.guild_of(thread), thread, BOT, "SEND_MESSAGES_IN_THREADS")
    if user not in call.world.people:
        raise DiscordError(10013)
    threads.join(call.world, thread, user)


async def list_members(call: Call) -> list[Body]:
    """Needs the intent for members, switched on for the app."""
    thread = seen_channel(call)
    if "GUILD_MEMBERS" not in call.world.privileged:
        raise DiscordError(50001)
    return [thread_member_body(thread, user) for user in sorted(thread.thread_members)]


THREADS = {
    "POST /channels/{channel_id}/messages/{message_id}/threads": start_from_message,
    "POST /channels/{channel_id}/threads": start_alone,
    "GET /guilds/{guild_id}/threads/active": active,
    "GET /channels/{channel_id}/threads/archived/public": archived_public,
    "PUT /channels/{channel_id}/thread-members/@me": join,
    "DELETE /channels/{channel_id}/thread-members/@me": leave,
    "PUT /channels/{channel_id}/thread-members/{user_id}": add_member,
    "GET /channels/{channel_id}/thread-members": list_members,
}
