"""How Discord writes what it keeps: https://docs.discord.com/developers/resources/."""

from datetime import UTC, datetime
from typing import Any

from tests.servers.discord.permissions import BITS, allowed
from tests.servers.discord.places import (
    FORUM,
    FORWARD,
    HIDDEN_NAME,
    OBFUSCATED,
    SYSTEM,
    Channel,
    Guild,
    Member,
    Message,
    Person,
    is_direct,
)
from tests.servers.discord.state import APP, BOT, EPOCH_MS, World

Body = dict[str, Any]


def stamp(seconds: float) -> str:
    """A moment in ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def born_at(made: int) -> float:
    """When an id was made, in seconds."""
    return ((made >> 22) + EPOCH_MS) / 1000


def user_body(person: Person) -> Body:
    named = {"id": str(person.id), "username": person.name, "global_name": person.name.title()}
    looks = dict.fromkeys(("avatar", "banner", "accent_color", "primary_guild"))
    body: Body = {**named, **looks, "discriminator": "0", "public_flags": 0, "flags": 0}
    if person.bot:
        body |= {"bot": True, "global_name": None, "discriminator": "0042"}
    return body


def own_user_body(world: World) -> Body:
    own = {"verified": True, "mfa_enabled": True, "locale": "en-US", "email": None}
    return {**user_body(world.people[BOT]), **own}


def member_body(world: World, member: Member, *, user: bool = True) -> Body:
    body: Body = {
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in sorted(member.roles)],
        "joined_at": stamp(born_at(member.user)),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    return {**body, "user": user_body(world.people[member.user])} if user else body


def overwrite_bodies(channel: Channel, guild: Guild) -> list[Body]:
    return [
        {"id": str(target), "type": 0 if target in guild.roles else 1, "allow": str(allow), "deny": str(deny)}
        for target, (allow, deny) in channel.overwrites.items()
    ]


def thread_member_body(channel: Channel, user: int, *, whole: bool = True) -> Body:
    body: Body = {"join_timestamp": stamp(channel.thread_members[user]), "flags": 0}
    return {**body, "id": str(channel.id), "user_id": str(user)} if whole else body


def thread_body(world: World, channel: Channel, *, member: bool = True) -> Body:
    metadata = {
        "archived": channel.archived,
        "archive_timestamp": stamp(channel.archive_changed),
        "auto_archive_duration": channel.archive_minutes,
        "locked": channel.locked,
        "create_timestamp": stamp(born_at(channel.id)),
    }
    body: Body = {
        "id": str(channel.id),
        "type": channel.kind,
        "guild_id": str(channel.guild),
        "parent_id": str(channel.parent),
        "owner_id": str(channel.owner),
        "name": channel.name,
        "last_message_id": optional(channel.last_message),
        "rate_limit_per_user": channel.slowmode,
        "message_count": len(world.messages(channel.id)),
        "member_count": min(len(channel.thread_members), 50),
        "total_message_sent": channel.written,
        "flags": channel.flags,
        "thread_metadata": metadata,
    }
    if channel.applied_tags:
        body["applied_tags"] = [str(tag) for tag in channel.applied_tags]
    if member and BOT in channel.thread_members:
        body["member"] = thread_member_body(channel, BOT)
    return body


def optional(made: int | None) -> str | None:
    return None if made is None else str(made)


def channel_body(world: World, channel: Channel) -> Body:
    """A channel of any kind."""
    if is_direct(channel):
        others = [user_body(world.people[user]) for user in channel.recipients if user != BOT]
        last = optional(channel.last_message)
        return {"id": str(channel.id), "type": 1, "last_message_id": last, "flags": 0, "recipients": others}
    if channel.is_thread:
        return thread_body(world, channel)
    guild = world.guilds[channel.guild or 0]
    body: Body = {
        "id": str(channel.id),
        "type": channel.kind,
        "guild_id": str(guild.id),
        "name": channel.name,
        "topic": channel.topic,
        "position": list(guild.channels).index(channel.id),
        "permission_overwrites": overwrite_bodies(channel, guild),
        "nsfw": False,
        "parent_id": optional(channel.parent),
        "last_message_id": optional(channel.last_message),
        "rate_limit_per_user": channel.slowmode,
        "flags": channel.flags,
    }
    if channel.kind == FORUM:
        tags = {"available_tags": [tag.body() for tag in channel.tags], "default_forum_layout": 0}
        body |= {**tags, "default_reaction_emoji": None, "default_sort_order": None}
    return body


def gateway_channel_body(world: World, channel: Channel) -> Body:
    """A channel as the gateway describes it. Of a channel that the bot cannot see, there is hardly anything.

    https://docs.discord.com/developers/change-log, 12 August 2026; for all bots since 16 November 2026.
    """
    body, guild = channel_body(world, channel), world.guild_of(channel)
    if guild is None or allowed(guild, channel, BOT) & BITS["VIEW_CHANNEL"]:
        return body
    unseen = {"id": str(guild.id), "type": 0, "allow": "0", "deny": str(BITS["VIEW_CHANNEL"])}
    body |= {"name": HIDDEN_NAME, "topic": None, "last_message_id": None, "permission_overwrites": [unseen]}
    body |= {"flags": body["flags"] | OBFUSCATED, "rate_limit_per_user": 0}
    return {**body, "available_tags": []} if channel.kind == FORUM else body


def emoji_body(emoji: str) -> Body:
    """An emoji by its text or `name:id`."""
    name, _, made = emoji.partition(":")
    return {"id": made or None, "name": name, "animated": False} if made else {"id": None, "name": emoji}


def reaction_bodies(message: Message) -> list[Body]:
    """How often each emoji was used."""
    return [
        {
            "emoji": emoji_body(emoji),
            "count": len(users),
            "count_details": {"normal": len(users), "burst": 0},
            "burst_colors": [],
            "me": BOT in users,
            "me_burst": False,
        }
        for emoji, users in message.reactions.items()
        if users
    ]


def message_body(world: World, message: Message, *, content: bool = True, deep: bool = True) -> Body:
    """A message. Without `content`, what people wrote is left out."""
    shown = content or sees_content(message)
    body: Body = {
        "id": str(message.id),
        "channel_id": str(message.channel),
        "type": message.kind,
        "author": user_body(world.people[message.author]),
        "content": message.content if shown else "",
        "embeds": message.embeds if shown else [],
        "components": message.components if shown else [],
        "attachments": message.attachments if shown else [],
        "mentions": [user_body(world.people[user]) for user in message.pings.users],
        "mention_roles": [str(role) for role in message.pings.roles],
        "mention_everyone": message.pings.everyone,
        "timestamp": stamp(message.sent_at),
        "edited_timestamp": None if message.edited_at is None else stamp(message.edited_at),
        "tts": False,
        "pinned": message.pinned_at is not None,
        "flags": message.flags,
    }
    if reactions := reaction_bodies(message):
        body["reactions"] = reactions
    if message.through:
        body |= {"webhook_id": str(APP), "application_id": str(APP)}
    if message.interaction is not None:
        body["interaction_metadata"] = message.interaction
    if message.snapshot is not None:
        body["message_snapshots"] = [{"message": snapshot_body(message.snapshot, shown=shown)}]
    if message.reference is not None:
        body |= reference_body(world, message, content=content, deep=deep)
    thread = world.find_channel(message.thread) if message.thread else None
    return body if thread is None else {**body, "thread": thread_body(world, thread)}


def reference_body(world: World, message: Message, *, content: bool, deep: bool) -> Body:
    """The message that a message answers; None if it is gone."""
    reference = message.reference or {}
    told: Body = {"message_reference": reference}
    if "message_id" not in reference or not deep or reference.get("type") == FORWARD:
        return told
    found = world.find_message(int(reference["message_id"]))
    there = found is not None and not found.deleted
    body = message_body(world, found, content=content, deep=False) if found and there else None
    return {**told, "referenced_message": body}


SNAPSHOT = ("type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags")
"""Fields of a forwarded message, beside `components`, `mentions` and `mention_roles`. It has no author:
https://docs.discord.com/developers/resources/message#message-snapshot-object."""


def snapshot_of(world: World, message: Message) -> Body:
    """A copy of a message as it is now, to be forwarded."""
    body = message_body(world, message, deep=False)
    return {name: body[name] for name in (*SNAPSHOT, "components", "mentions", "mention_roles")}


def snapshot_body(snapshot: Body, *, shown: bool) -> Body:
    """A forwarded message. It is content as well: if the app may not read content, its text is left out."""
    hidden: Body = {"content": "", "embeds": [], "components": [], "attachments": []}
    return snapshot if shown else {**snapshot, **hidden}


def sees_content(message: Message) -> bool:
    """Whether the app may read the text even without the intent for message content."""
    mine = message.author == BOT or message.guild is None or BOT in message.pings.users
    return mine or message.kind in SYSTEM
