"""Showing what lies behind links: https://docs.slack.dev/reference/methods/chat.unfurl."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.blocks import block_problems, characters
from tests.servers.slack.limits import limit
from tests.servers.slack.methods_chat import decoded, flag
from tests.servers.slack.problems import Problems
from tests.servers.slack.state import Message, Shared, SlackError, Token, World, refused
from tests.servers.slack.texts import addresses

Arguments = Mapping[str, Any]
SOURCES = {"composer", "conversations_history"}
ATTACHED = {"color", "fallback", "footer", "image_url", "text", "thumb_url", "title", "title_link"}
"""What an unfurl may have where it has no blocks."""


async def unfurl(world: World, token: Token, arguments: Arguments) -> dict[str, Any]:
    """Show something of links of a message that the app was told of."""
    shared = meant(world, token, arguments)
    if flag(arguments, "user_auth_required") and not arguments.get("unfurls"):
        return {}
    unfurls = checked_unfurls(arguments)
    message = None if shared.source == "composer" else world.message(shared.channel, shared.ts)
    standing = shared.urls if message is None else set(addresses(message.text))
    for url in unfurls:
        if url not in standing:
            raise SlackError("cannot_unfurl_message")
        if url not in shared.urls:
            raise SlackError("cannot_unfurl_url")
    shared.unfurls |= unfurls
    if message is not None:
        attach(message, unfurls)
    return {}


def attach(message: Message, unfurls: dict[str, Any]) -> None:
    """Show them beneath the message; the same link again takes its earlier place."""
    message.previous = message.body(payload=True)
    message.unfurls |= unfurls


def meant(world: World, token: Token, arguments: Arguments) -> Shared:
    """The links that are meant, by one of the two ways to name them."""
    if arguments.get("unfurl_id") or arguments.get("source"):
        return by_unfurl_id(world, arguments)
    for name in ("channel", "ts"):
        if not arguments.get(name):
            raise SlackError(f"missing_{name}")
    known = [
        one
        for one in world.shared.values()
        if (one.channel, one.ts) == (arguments["channel"], arguments["ts"])
    ]
    if arguments["channel"] == "COMPOSER" and known:
        return known[-1]
    channel = world.channels.get(str(arguments["channel"]))
    if channel is None or (channel.kind != "channels" and token.user not in channel.members):
        raise SlackError("cannot_find_channel")
    if world.message(channel.id, arguments["ts"]) is None:
        raise SlackError("cannot_find_message")
    if not known:
        raise SlackError("cannot_unfurl_url")
    return Shared(known[0].source, {url for one in known for url in one.urls}, channel.id, known[0].ts)


def by_unfurl_id(world: World, arguments: Arguments) -> Shared:
    for name in ("unfurl_id", "source"):
        if not arguments.get(name):
            raise SlackError(f"missing_{name}")
    if arguments["source"] not in SOURCES:
        raise SlackError("invalid_source")
    shared = world.shared.get(str(arguments["unfurl_id"]))
    if shared is None or shared.source != arguments["source"]:
        raise SlackError("invalid_unfurl_id")
    if shared.source != "composer" and world.message(shared.channel, shared.ts) is None:
        raise SlackError("cannot_find_message")
    return shared


def checked_unfurls(arguments: Arguments) -> dict[str, Any]:
    """What is to be shown of each address."""
    if not arguments.get("unfurls"):
        raise SlackError("missing_unfurls")
    unfurls = decoded(arguments["unfurls"], "invalid_unfurls_format")
    if not isinstance(unfurls, dict):
        raise SlackError("invalid_unfurls_format")
    problems = [problem for unfurl in unfurls.values() for problem in unfurl_problems(unfurl)]
    if problems:
        raise refused("cannot_parse_attachment", problems)
    # What a message's blocks may hold, those of an attachment may: https://github.com/slackapi/bolt-js/issues/2509.
    if any(characters(unfurl.get("blocks", [])) > limit("blocks.characters") for unfurl in unfurls.values()):
        raise SlackError("msg_blocks_too_long")
    return unfurls


def unfurl_problems(unfurl: Any) -> list[str]:
    problems = Problems()
    if not problems.is_object(unfurl, "/unfurls"):
        return problems.found
    problems.only(unfurl, ATTACHED | {"blocks", "preview", "hide_color"}, "/unfurls")
    if not unfurl.keys() & (ATTACHED | {"blocks"}):
        problems.add("missing required field: blocks", "/unfurls")
    for name in ("image_url", "thumb_url", "title_link"):
        problems.address(unfurl, name, limit("image.url"), "/unfurls")
    problems.flags(unfurl, ["hide_color"], "/unfurls")
    if "preview" in unfurl and problems.is_object(unfurl["preview"], "/unfurls/preview"):
        problems.only(unfurl["preview"], {"title", "subtitle", "icon_url"}, "/unfurls/preview")
    return problems.found + block_problems(unfurl.get("blocks", []))


UNFURLS = {"chat.unfurl": unfurl}
