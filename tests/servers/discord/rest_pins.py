"""Pinned messages: https://docs.discord.com/developers/resources/message#get-channel-pins and its neighbours.

They take PIN_MESSAGES, and since 23 February 2026 no longer MANAGE_MESSAGES instead:
https://docs.discord.com/developers/change-log.
"""

from tests.servers.discord import events
from tests.servers.discord.bodies import optional, stamp
from tests.servers.discord.calls import Call
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.places import Channel, Message
from tests.servers.discord.references import readable
from tests.servers.discord.rest_messages import Body, seen_channel, shown
from tests.servers.discord.state import World


def pinned(world: World, channel: Channel) -> list[tuple[float, Message]]:
    """What is pinned, the latest first."""
    found = [(one.pinned_at, one) for one in world.messages(channel.id) if one.pinned_at is not None]
    return sorted(found, key=lambda one: (-one[0], -one[1].id))


def change(call: Call, *, pin: bool) -> None:
    channel = seen_channel(call, "READ_MESSAGE_HISTORY PIN_MESSAGES")
    message = call.world.message(channel.id, call.id("message_id"))
    if channel.archived:
        raise DiscordError(50083)
    if pin and message.pinned_at is None and len(pinned(call.world, channel)) >= limit("pins"):
        raise DiscordError(30003)
    message.pinned_at = call.world.clock() if pin else None
    last = next((stamp(at) for at, _ in pinned(call.world, channel)), None)
    told = {"channel_id": optional(channel.id), "last_pin_timestamp": last}
    events.tell_of(call.world, "CHANNEL_PINS_UPDATE", channel, told)


async def pin(call: Call) -> None:
    change(call, pin=True)


async def unpin(call: Call) -> None:
    change(call, pin=False)


async def list_pins(call: Call) -> Body:
    channel = seen_channel(call)
    most = call.number("limit", limit("pins.most"), limit("pins.most"))
    found = pinned(call.world, channel) if readable(call.world, channel) else []
    items = [{"pinned_at": stamp(at), "message": shown(call.world, one)} for at, one in found[:most]]
    return {"items": items, "has_more": len(found) > most}


PINS = {
    "GET /channels/{channel_id}/messages/pins": list_pins,
    "PUT /channels/{channel_id}/messages/pins/{message_id}": pin,
    "DELETE /channels/{channel_id}/messages/pins/{message_id}": unpin,
}
