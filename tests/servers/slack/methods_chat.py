"""The `chat` methods: https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours."""

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.slack.blocks import block_problems, characters
from tests.servers.slack.limits import limit
from tests.servers.slack.state import Channel, Message, SlackError, Token, World, refused
from tests.servers.slack.views import stamped

Arguments = Mapping[str, Any]


def flag(arguments: Arguments, name: str) -> bool:
    return str(arguments.get(name, "")).lower() in {"1", "true"}


def visible(world: World, channel_id: Any, user: str) -> Channel:
    """A conversation that somebody can see: others' private ones are as if they were not."""
    channel = world.channels.get(str(channel_id))
    if channel is None or (channel.kind != "channels" and user not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def writable(world: World, channel_id: Any, token: Token) -> Channel:
    """A conversation in which the token may write."""
    if channel_id in world.people:
        channel = world.direct(str(channel_id))
    else:
        channel = visible(world, channel_id, token.user)
    if channel.archived:
        raise SlackError("is_archived")
    if token.user not in channel.members and "chat:write.public" not in token.scopes:
        raise SlackError("not_in_channel")
    return channel


def decoded(value: Any, error: str) -> Any:
    """What came as JSON inside a form."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError(error) from None


def checked_blocks(arguments: Arguments) -> list[dict[str, Any]] | None:
    """The blocks, if any were given."""
    if arguments.get("blocks") in (None, ""):
        return None
    blocks = decoded(arguments["blocks"], "invalid_blocks_format")
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := block_problems(blocks):
        raise refused("invalid_blocks", problems)
    if characters(blocks) > limit("blocks.characters"):
        raise SlackError("msg_blocks_too_long")
    return blocks


def checked_text(arguments: Arguments, most: str = "message.text") -> str:
    text = arguments.get("text") or arguments.get("markdown_text") or ""
    if len(str(text)) > limit(most):
        raise SlackError("msg_too_long")
    # The error `no_text` is for what nobody could read: reference/methods/chat.postMessage.
    return str(text) if str(text).strip() else ""


def checked_metadata(arguments: Arguments) -> dict[str, Any] | None:
    if not arguments.get("metadata"):
        return None
    metadata = decoded(arguments["metadata"], "invalid_metadata_format")
    if not isinstance(metadata, dict) or metadata.keys() != {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_format")
    event_type, payload = metadata["event_type"], metadata["event_payload"]
    if not isinstance(event_type, str) or not event_type or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > limit("metadata.bytes"):
        raise SlackError("metadata_too_large")
    return metadata


def checked_thread(world: World, channel: Channel, arguments: Arguments) -> str | None:
    """The root of the thread: a string, and the timestamp of a message that is no reply itself."""
    ts = arguments.get("thread_ts")
    if ts is None or ts == "":
        return None
    if not isinstance(ts, str):
        raise refused("invalid_thread_ts", [f"[ERROR] {ts} is not a valid thread_ts"])
    root = world.root(channel.id, ts)
    if root is None or (root.thread_ts not in {None, root.ts}):
        raise SlackError("thread_not_found")
    return ts


def written(world: World, channel: Channel, token: Token, arguments: Arguments) -> Message:
    """A message made of what was asked, not yet kept."""
    blocks = checked_blocks(arguments)
    text = checked_text(arguments)
    if not text and not blocks and not arguments.get("attachments"):
        raise SlackError("no_text")
    thread = checked_thread(world, channel, arguments)
    metadata = checked_metadata(arguments)
    ts = world.ts()
    return Message(
        channel.id,
        ts,
        token.user,
        text,
        stamped(blocks or [], ts),
        thread,
        flag(arguments, "reply_broadcast"),
        metadata,
        arguments=dict(arguments),
    )


async def post_message(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    channel = writable(world, arguments["channel"], token)
    message = written(world, channel, token, arguments)
    world.posted.append(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.body(payload=True)}


async def post_ephemeral(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    channel = writable(world, arguments["channel"], token)
    if arguments["user"] not in channel.members:
        raise SlackError("user_not_in_channel")
    message = written(world, channel, token, arguments)
    message.ephemeral_to, message.via = arguments["user"], "chat.postEphemeral"
    world.ephemerals.append(message)
    return {"message_ts": message.ts}


def own(world: World, token: Token, arguments: Arguments, error: str) -> Message:
    channel = visible(world, arguments["channel"], token.user)
    if channel.archived:
        raise SlackError("is_archived")
    message = world.message(channel.id, arguments["ts"])
    if message is None:
        raise SlackError("message_not_found")
    if message.user != token.user:
        raise SlackError(error)
    return message


async def update(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    """Text without blocks takes the blocks away; blocks without text leave the text."""
    message = own(world, token, arguments, "cant_update_message")
    blocks, text = checked_blocks(arguments), checked_text(arguments, "update.text")
    if not text and blocks is None and "attachments" not in arguments:
        raise SlackError("no_text")
    emptied = arguments.get("metadata") == {}
    metadata = None if emptied else checked_metadata(arguments) or message.metadata
    message.previous = message.body(payload=True)
    message.metadata = metadata
    if blocks is not None or text:
        message.blocks = stamped(blocks or [], message.ts)
    message.text = text or message.text
    message.edits, message.edited_at = message.edits + 1, world.ts()
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": message.body(payload=True),
    }


async def delete(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    message = own(world, token, arguments, "cant_delete_message")
    message.deleted = True
    return {"channel": message.channel, "ts": message.ts}


async def permalink(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    channel = visible(world, arguments["channel"], token.user)
    message = world.message(channel.id, arguments["message_ts"])
    if message is None:
        raise SlackError("message_not_found")
    link = f"https://example.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


CHAT = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
}
