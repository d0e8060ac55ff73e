"""Channels and threads: what events leave out about them, remembered or asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cachetools import LRUCache

from adapters.discord.outbound.client import Rest
from adapters.discord.render.replies import DM_GUILD, RenderContext
from bot.domain.message import MessageRef

Payload: TypeAlias = Mapping[str, Any]
DM, FORUM_TYPES, THREAD_TYPES = 1, frozenset({15, 16}), frozenset({10, 11, 12})
"""Types of channels: https://docs.discord.com/developers/resources/channel#channel-object-channel-types."""
REQUIRE_TAG, OBFUSCATED = 1 << 4, 1 << 17
"""Flags of channels. The gateway sends an invented name and no tags for a channel that the bot can't see:
https://docs.discord.com/developers/resources/channel#channel-object-obfuscated-channels."""
DM_NAME = "your direct messages with me"
"""What people read as the name of their DM channel, which has none at Discord."""
CACHED_CHANNELS = 50_000


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that a forum's posts can carry; a moderated one only moderators can set."""

    id: str
    name: str
    moderated: bool = False


@dataclass(frozen=True, slots=True)
class DiscordChannel:
    """A channel, or a thread inside one, by Discord's ids."""

    id: str
    kind: int
    name: str = ""
    guild: str = ""
    parent: str = ""
    tags: tuple[Tag, ...] = ()
    requires_tag: bool = False
    recipient: str = ""
    """The person at the other end of a DM channel; empty for all other channels."""

    @property
    def is_dm(self) -> bool:
        """Whether this is a person's DM channel with the bot."""
        return self.kind == DM

    @property
    def is_forum(self) -> bool:
        """Whether the channel holds posts instead of messages."""
        return self.kind in FORUM_TYPES

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread; a forum's post is one, too."""
        return self.kind in THREAD_TYPES


@dataclass(frozen=True, slots=True)
class Location:
    """Where something happens: a channel, and perhaps a thread in it."""

    workspace: str
    channel: DiscordChannel
    thread: str | None = None

    @property
    def is_dm(self) -> bool:
        """Whether this is a person's DM channel with the bot."""
        return self.channel.is_dm

    @property
    def target(self) -> str:
        """The id that new messages go to: the thread's, or else the channel's."""
        return self.thread or self.channel.id

    @property
    def name(self) -> str:
        """What people call the channel; empty if that is unknown."""
        if self.is_dm:
            return DM_NAME
        return f"#{self.channel.name}" if self.channel.name else ""

    def message(self, message: str) -> MessageRef:
        """Return the reference of a message here, by the message's id."""
        return MessageRef(self.channel.id, message, self.thread)

    def render_context(self, *, reads_messages: bool) -> RenderContext:
        """Return what the rendering of a reply here depends on."""
        # An app reads direct messages even without the intent for message content:
        # https://docs.discord.com/developers/events/gateway#message-content-intent.
        return RenderContext(DM_GUILD if self.is_dm else self.workspace, reads_messages or self.is_dm)


class DiscordChannels:
    """Remembers the channels that the gateway has sent, and asks Discord for all others."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: LRUCache[str, DiscordChannel] = LRUCache(CACHED_CHANNELS)
        self._dm_channels: LRUCache[str, str] = LRUCache(CACHED_CHANNELS)

    def remember(self, payload: Payload, guild: str = "") -> DiscordChannel | None:
        """Store a channel from its payload; return what was known of it before."""
        channel = parse_channel(payload, guild)
        before = self._known.get(channel.id)
        # An obfuscated channel comes without its name and tags, so the older data is better.
        if before is None or not is_obfuscated(payload):
            self._known[channel.id] = channel
        return before

    def forget(self, channel_id: str) -> None:
        """Drop a channel that was deleted."""
        self._known.pop(channel_id, None)

    async def get(self, channel_id: str) -> DiscordChannel:
        """Return a channel, from memory if it is known.

        Raises:
            DeliveryError: Discord does not say what the channel is.

        """
        return self._known[channel_id] if channel_id in self._known else await self.fetch(channel_id)

    async def fetch(self, channel_id: str) -> DiscordChannel:
        """Ask Discord for a channel, even if it is known.

        Raises:
            DeliveryError: Discord does not say what the channel is.

        """
        self.remember(await self._rest.call("GET", "/channels/{channel_id}", channel_id=channel_id))
        return self._known[channel_id]

    async def locate(self, channel_id: str, guild: str) -> Location:
        """Return the location of a channel or a thread in a guild.

        Raises:
            DeliveryError: Discord does not say what the channel is.

        """
        channel = await self.get(channel_id)
        if not channel.is_thread:
            return Location(guild, channel)
        return Location(guild, await self.get(channel.parent), channel.id)

    async def dm_channel(self, person: str) -> DiscordChannel:
        """Return a person's DM channel with the bot; Discord opens it if there is none yet.

        Raises:
            DeliveryError: Discord does not open it.

        """
        if person not in self._dm_channels:
            payload = await self._rest.call("POST", "/users/@me/channels", body={"recipient_id": person})
            self._dm_channels[person] = str(payload["id"])
        return DiscordChannel(self._dm_channels[person], DM, recipient=person)


def is_obfuscated(payload: Payload) -> bool:
    """Whether the bot can't see a channel, so that its payload holds hardly anything."""
    return bool((payload.get("flags") or 0) & OBFUSCATED)


def parse_channel(payload: Payload, guild: str = "") -> DiscordChannel:
    """Parse a channel's payload; `guild` is used if the payload does not name one."""
    tags = payload.get("available_tags") or ()
    recipients = payload.get("recipients") or ()
    return DiscordChannel(
        str(payload["id"]),
        int(payload["type"]),
        "" if is_obfuscated(payload) else payload.get("name") or "",
        str(payload.get("guild_id") or guild),
        str(payload.get("parent_id") or ""),
        tuple(Tag(str(each["id"]), each["name"], bool(each.get("moderated"))) for each in tags),
        bool((payload.get("flags") or 0) & REQUIRE_TAG),
        str(recipients[0]["id"]) if recipients and payload["type"] == DM else "",
    )
