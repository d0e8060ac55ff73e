"""Messages: https://docs.discord.com/developers/resources/message."""

from typing import Any

from tests.servers.discord import events
from tests.servers.discord.bodies import message_body
from tests.servers.discord.calls import Call
from tests.servers.discord.drafts import Draft, check_message, components_of, embeds_of
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.mentions import pings, unique
from tests.servers.discord.permissions import BITS, allowed, require
from tests.servers.discord.places import HAS_SNAPSHOT, REPLY, SYSTEM, Channel, Message, is_direct
from tests.servers.discord.problems import snowflake
from tests.servers.discord.quotas import is_old
from tests.servers.discord.references import answered, forward, forwards, readable
from tests.servers.discord.state import BOT, World
from tests.servers.discord.threads import reopen, require_room

Body = dict[str, Any]


def seen_channel(call: Call, names: str = "", part: str = "channel_id") -> Channel:
    """A channel in which the bot may do what is named."""
    channel = call.world.channel(call.id(part))
    require(call.world.guild_of(channel), channel, BOT, names)
    return channel


def shown(world: World, message: Message) -> Body:
    """A message as the app gets it; the content of others' only where that is switched on for it."""
    return message_body(world, message, content="MESSAGE_CONTENT" in world.privileged)


def writable(call: Call) -> Channel:
    """A channel in which the bot may write."""
    channel = call.world.channel(call.id("channel_id"))
    if not channel.holds_messages:
        require(call.world.guild_of(channel), channel, BOT)
        raise DiscordError(50008)
    if is_direct(channel):
        other = next(iter(channel.recipients - {BOT}))
        if not any(other in guild.members for guild in call.world.bots_guilds()):
            raise DiscordError(50278)
        if not call.world.people[other].takes_direct:
            raise DiscordError(50007)
    needed = "SEND_MESSAGES_IN_THREADS" if channel.is_thread else "SEND_MESSAGES"
    require(call.world.guild_of(channel), channel, BOT, needed)
    return channel


def require_open(world: World, channel: Channel) -> None:
    """A message opens an archived thread again, unless that is locked: in such a one only moderators write.

    https://docs.discord.com/developers/topics/threads#locked-threads
    """
    if channel.locked and not allowed(world.guild_of(channel), channel, BOT) & BITS["MANAGE_THREADS"]:
        raise DiscordError(50083 if channel.archived else 160005)
    if channel.archived:
        require_room(world, channel.guild or 0)


def require_for(world: World, channel: Channel, draft: Draft) -> None:
    """Refuse embeds and files where they are not allowed."""
    if draft.body.get("embeds"):
        require(world.guild_of(channel), channel, BOT, "EMBED_LINKS")
    if draft.files:
        require(world.guild_of(channel), channel, BOT, "ATTACH_FILES")


def written(world: World, channel: Channel, draft: Draft, **more: Any) -> Message:
    """A message of the bot, made of a draft and not yet kept."""
    made = world.id()
    message = Message(
        made,
        channel.id,
        BOT,
        draft.content,
        channel.guild,
        embeds=embeds_of(draft),
        components=components_of(draft),
        attachments=draft.attachments(world.id),
        flags=draft.flags,
        sent_at=world.clock(),
        body=dict(draft.body),
        **more,
    )
    message.pings = pings(world, channel, BOT, text_of(message), draft.body.get("allowed_mentions"))
    return message


def text_of(message: Message) -> str:
    """All texts in which somebody can be called."""
    texts = [message.content]
    held = list(message.components)
    while held:
        one = held.pop(0)
        texts += [one["content"]] if one["type"] == 10 else []
        held += one.get("components", [])
    return "\n".join(texts)


async def create_message(call: Call) -> Body:
    channel = writable(call)
    forwarded = forwards(call.fields())
    draft = check_message(call.fields(), call.files, emojis=call.world.emojis(), empty=forwarded)
    require_for(call.world, channel, draft)
    require_open(call.world, channel)
    if (first := same_nonce(call.world, draft)) is not None:
        if first.deleted:
            raise DiscordError(10008)
        return told(call.world, first)
    nonce = draft.body.get("nonce")
    if forwarded:
        message = written(call.world, channel, draft, nonce=nonce, **forward(call.world, draft))
        message.flags |= HAS_SNAPSHOT
        return post(call.world, channel, message)
    answers, found = answered(call.world, channel, draft)
    message = written(call.world, channel, draft, nonce=nonce, reference=answers)
    if found is not None:
        message.kind = REPLY
        call_author(message, found, draft)
    return post(call.world, channel, message)


def post(world: World, channel: Channel, message: Message) -> Body:
    reopen(world, channel)
    events.post(world, message)
    return told(world, message)


def call_author(message: Message, answered: Message, draft: Draft) -> None:
    """An answer calls whom it answers, unless that is not wanted."""
    rules = draft.body.get("allowed_mentions")
    if (rules is None or rules.get("replied_user")) and answered.author != BOT:
        message.pings.users = unique([*message.pings.users, answered.author])


def same_nonce(world: World, draft: Draft) -> Message | None:
    """The first message with this nonce, where that shall not come twice; also one that was deleted."""
    nonce = draft.body.get("nonce")
    if nonce is None or not draft.body.get("enforce_nonce"):
        return None
    fresh = (one for one in world.posted if world.clock() - one.sent_at < limit("nonce.seconds"))
    return next((one for one in fresh if one.author == BOT and str(one.nonce) == str(nonce)), None)


def told(world: World, message: Message) -> Body:
    extra = {} if message.nonce is None else {"nonce": message.nonce}
    return {**shown(world, message), **extra}


async def list_messages(call: Call) -> list[Body]:
    channel = seen_channel(call)
    most = call.number("limit", limit("messages.default"), limit("messages.most"))
    bounds = {name: call.after(name) for name in ("around", "before", "after")}
    if not readable(call.world, channel):
        return []
    found = call.world.messages(channel.id)
    chosen = window(found, bounds, most)
    return [shown(call.world, one) for one in sorted(chosen, key=lambda one: -one.id)]


def window(found: list[Message], bounds: dict[str, int | None], most: int) -> list[Message]:
    """The part of a history that is asked for; `around` goes before `before`, that before `after`."""
    around, before, after = bounds["around"], bounds["before"], bounds["after"]
    if around is not None:
        older = [one for one in found if one.id < around][-(most // 2) :] if most > 1 else []
        newer = [one for one in found if one.id >= around]
        return older + newer[: most - len(older)]
    if before is not None:
        return [one for one in found if one.id < before][-most:]
    if after is not None:
        return [one for one in found if one.id > after][:most]
    return found[-most:]


async def get_message(call: Call) -> Body:
    channel = seen_channel(call, "READ_MESSAGE_HISTORY")
    return shown(call.world, call.world.message(channel.id, call.id("message_id")))


async def edit_message(call: Call) -> Body:
    channel = seen_channel(call)
    message = call.world.message(channel.id, call.id("message_id"))
    if message.author != BOT:
        raise DiscordError(50005)
    if message.kind in SYSTEM:
        raise DiscordError(50021)
    if channel.archived:
        raise DiscordError(50083)
    require_open(call.world, channel)
    if is_old(message.sent_at, call.world.clock()):
        call.world.old_edits.take(channel.id, call.world.clock())
    draft = check_message(call.fields(), call.files, edits=message, emojis=call.world.emojis())
    require_for(call.world, channel, draft)
    rewrite(call.world, channel, message, draft)
    events.changed(call.world, message)
    return shown(call.world, message)


def rewrite(world: World, channel: Channel, message: Message, draft: Draft) -> None:
    """Change what is named; what is None is taken away."""
    body = draft.body
    content = draft.content if "content" in body else message.content
    embeds = embeds_of(draft) if "embeds" in body else message.embeds
    components = components_of(draft) if "components" in body else message.components
    attachments = message.attachments
    if body.get("attachments") is not None:
        stays = {snowflake(each["id"]) for each in body["attachments"]}
        attachments = [each for each in attachments if int(each["id"]) in stays]
    attachments = [*attachments, *draft.attachments(world.id)]
    if not (content or embeds or components or attachments):
        raise DiscordError(50006)
    message.content, message.embeds, message.components = content, embeds, components
    message.attachments, message.body = attachments, dict(body)
    message.flags |= draft.flags
    if "content" in body or "components" in body:
        message.pings = pings(world, channel, BOT, text_of(message), body.get("allowed_mentions"))


async def delete_message(call: Call) -> None:
    channel = seen_channel(call)
    message = call.world.message(channel.id, call.id("message_id"))
    if message.author != BOT:
        require(call.world.guild_of(channel), channel, BOT, "MANAGE_MESSAGES")
    events.delete(call.world, message)


async def typing(call: Call) -> None:
    writable(call)


MESSAGES = {
    "POST /channels/{channel_id}/messages": create_message,
    "GET /channels/{channel_id}/messages": list_messages,
    "GET /channels/{channel_id}/messages/{message_id}": get_message,
    "PATCH /channels/{channel_id}/messages/{message_id}": edit_message,
    "DELETE /channels/{channel_id}/messages/{message_id}": delete_message,
    "POST /channels/{channel_id}/typing": typing,
}
