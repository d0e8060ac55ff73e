"""What happens to threads, with the events that the gateway tells of it."""

from typing import Any

from tests.servers.discord import events
from tests.servers.discord.bodies import thread_body, thread_member_body
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.places import Channel
from tests.servers.discord.sessions import Delivery
from tests.servers.discord.state import BOT, World


def require_room(world: World, guild_id: int) -> None:
    """Refuse one more active thread than a guild can have.

    https://docs.discord.com/developers/topics/threads#active-archived-threads
    """
    channels = world.guilds[guild_id].channels.values()
    if sum(one.is_thread and not one.archived for one in channels) >= world.most_active_threads:
        raise DiscordError(160006)


def open_thread(world: World, thread: Channel, starter: int) -> Delivery:
    """Keep a new thread, whose first member is who began it."""
    assert thread.guild is not None
    now = world.clock()
    thread.owner, thread.archive_changed = starter, now
    thread.thread_members[starter] = now
    world.guilds[thread.guild].channels[thread.id] = thread
    told = events.tell_of(
        world, "THREAD_CREATE", thread, {**thread_body(world, thread), "newly_created": True}
    )
    if starter == BOT:
        tell_members(world, thread, added=[BOT])
    return told


def tell_members(
    world: World, thread: Channel, *, added: list[int] | None = None, removed: list[int] | None = None
) -> Delivery:
    """Tell who came into a thread or left it; of others than the bot an app hears with an intent for it."""
    data: dict[str, Any] = {"id": str(thread.id), "member_count": len(thread.thread_members)}
    if added:
        data["added_members"] = [thread_member_body(thread, user) for user in added]
    if removed:
        data["removed_member_ids"] = [str(user) for user in removed]
    own = BOT in {*(added or ()), *(removed or ())}
    event = "THREAD_MEMBERS_UPDATE"
    place = {"guild_id": str(thread.guild)}
    seen = events.seen_by_bot(world, thread)
    told: Delivery = world.tell(event, {**data, **place}, thread.guild, own=own, seen=seen)
    return told


def tell_changed(world: World, thread: Channel) -> Delivery:
    return events.tell_of(world, "THREAD_UPDATE", thread, thread_body(world, thread))


def set_archived(world: World, thread: Channel, archived: bool) -> None:
    if thread.archived != archived:
        thread.archived, thread.archive_changed = archived, world.clock()


def reopen(world: World, thread: Channel) -> Delivery | None:
    """A message opens an archived thread again: https://docs.discord.com/developers/topics/threads."""
    if not thread.archived:
        return None
    set_archived(world, thread, archived=False)
    return tell_changed(world, thread)


def join(world: World, thread: Channel, user: int) -> Delivery | None:
    if user in thread.thread_members:
        return None
    if len(thread.thread_members) >= limit("thread.members"):
        raise DiscordError(30033)
    thread.thread_members[user] = world.clock()
    return tell_members(world, thread, added=[user])


def leave(world: World, thread: Channel, user: int) -> Delivery | None:
    if thread.thread_members.pop(user, None) is None:
        return None
    return tell_members(world, thread, removed=[user])


def remove(world: World, thread: Channel) -> Delivery:
    """Delete a thread, with all that stands in it."""
    assert thread.guild is not None
    seen = events.seen_by_bot(world, thread)
    told = {"id": str(thread.id), "guild_id": str(thread.guild), "type": thread.kind}
    told["parent_id"] = str(thread.parent)
    for message in world.messages(thread.id):
        message.deleted = True
    for message in world.posted:
        if message.thread == thread.id:
            message.thread = None
    del world.guilds[thread.guild].channels[thread.id]
    delivery: Delivery = world.tell("THREAD_DELETE", told, thread.guild, seen=seen)
    return delivery
