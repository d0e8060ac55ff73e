"""Messages that answer others, and that pass others on.

https://docs.discord.com/developers/resources/message#message-reference-structure
"""

from collections.abc import Mapping
from typing import Any

from tests.servers.discord.bodies import sees_content, snapshot_of
from tests.servers.discord.drafts import Draft
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.permissions import require
from tests.servers.discord.places import FORWARD, FORWARDED, SYSTEM, Channel, Message
from tests.servers.discord.problems import Problems, snowflake
from tests.servers.discord.state import BOT, World

Body = dict[str, Any]
OF_ITS_OWN = ("content", "embeds", "components", "attachments", "sticker_ids", "poll")


def readable(world: World, channel: Channel) -> bool:
    """Without the right to read history there are no messages, rather than a refusal."""
    try:
        require(world.guild_of(channel), channel, BOT, "READ_MESSAGE_HISTORY")
    except DiscordError:
        return False
    return True


def answered(world: World, channel: Channel, draft: Draft) -> tuple[Body | None, Message | None]:
    """The message that is answered."""
    given = draft.body.get("message_reference")
    if given is None:
        return None, None
    if not readable(world, channel):
        raise DiscordError(160002)
    made = snowflake(given.get("message_id")) if isinstance(given, dict) else None
    found = world.find_message(made) if made is not None else None
    if found is None or found.deleted or found.channel != channel.id:
        if isinstance(given, dict) and given.get("fail_if_not_exists") is False:
            return None, None
        refuse("MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    assert found is not None
    if found.kind in SYSTEM:
        refuse("REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
    place = {} if channel.guild is None else {"guild_id": str(channel.guild)}
    return {"type": 0, "message_id": str(found.id), "channel_id": str(channel.id), **place}, found


def refuse(code: str, message: str, *where: str) -> None:
    problems = Problems()
    problems.add(("message_reference", *where), code, message)
    problems.refuse()


def forwards(body: Mapping[str, Any]) -> bool:
    """Whether a body passes a message on; there are two types of references."""
    given = body.get("message_reference")
    if not isinstance(given, dict) or given.get("type") is None:
        return False
    problems = Problems()
    problems.one_of(given, "type", (0, FORWARD), ("message_reference",))
    problems.refuse()
    return bool(given["type"] == FORWARD)


def forward(world: World, draft: Draft) -> Body:
    """What a message that passes another one on has; it says nothing of its own.

    https://docs.discord.com/developers/resources/message#message-reference-content-attribution-forwards; the
    code is that of https://github.com/discord/discord-api-docs/issues/8561.
    """
    given, problems = draft.body["message_reference"], Problems()
    problems.needs(given, ["message_id", "channel_id"], ("message_reference",))
    problems.refuse()
    if draft.files or any(draft.body.get(name) for name in OF_ITS_OWN):
        refuse("FORWARD_CONTAINS_UNSUPPORTED_CONTENT", "A forward cannot have content of its own")
    channel = world.channel(snowflake(given["channel_id"]) or 0)
    require(world.guild_of(channel), channel, BOT)
    if not readable(world, channel):
        raise DiscordError(160009)
    found = world.message(channel.id, snowflake(given["message_id"]) or 0)
    if found.kind not in FORWARDED:
        refuse("FORWARD_MESSAGE_TYPE_INVALID", "Messages of this type cannot be forwarded")
    if "MESSAGE_CONTENT" not in world.privileged and not sees_content(found):
        raise DiscordError(160014)
    place = {} if channel.guild is None else {"guild_id": str(channel.guild)}
    source = {"message_id": str(found.id), "channel_id": str(channel.id), **place}
    return {"reference": {"type": FORWARD, **source}, "snapshot": snapshot_of(world, found)}
