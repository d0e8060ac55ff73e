"""What channels and threads there are: what events leave out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cachetools import LRUCache

from adapters.discord.outbound.client import Rest
from adapters.discord.render.replies import DIRECT, Scene
from bot.domain.message import MessageRef

Payload: TypeAlias = Mapping[str, Any]
IN_DIRECT, FORUMS, THREADS = 1, frozenset({15, 16}), frozenset({10, 11, 12})
"""Kinds of channels: https://docs.discord.com/developers/resources/channel#channel-object-channel-types."""
REQUIRES_TAG, OBFUSCATED = 1 << 4, 1 << 17
"""Flags of channels. Of one that the bot cannot see the gateway tells a made-up name and no tags:
https://docs.discord.com/developers/resources/channel#channel-object-obfuscated-channels."""
OWN_TALK = "your direct messages with me"
"""What one's own talk with the bot is called."""
KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Tag:
    """What a forum's posts can be marked with."""

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
    owner: str = ""
    """Whose own talk with the bot it is."""

    @property
    def direct(self) -> bool:
        """Whether it is somebody's own talk with the bot."""
        return self.kind == IN_DIRECT

    @property
    def forum(self) -> bool:
        """Whether it holds posts instead of messages."""
        return self.kind in FORUMS

    @property
    def thread(self) -> bool:
        """Whether it is a thread, or a post of a forum."""
        return self.kind in THREADS


@dataclass(frozen=True, slots=True)
class Location:
    """Where something happens: a channel, and perhaps a thread in it."""

    workspace: str
    channel: DiscordChannel
    thread: str | None = None

    @property
    def direct(self) -> bool:
        """Whether it is somebody's own talk with the bot."""
        return self.channel.direct

    @property
    def id(self) -> str:
        """What messages here are written to."""
        return self.thread or self.channel.id

    @property
    def name(self) -> str:
        """What people call the channel; empty where that is not known."""
        if self.direct:
            return OWN_TALK
        return f"#{self.channel.name}" if self.channel.name else ""

    def message(self, message: str) -> MessageRef:
        """Name a message here."""
        return MessageRef(self.channel.id, message, self.thread)

    def scene(self, *, reads: bool) -> Scene:
        """Say what drawings here depend on."""
        return Scene(DIRECT if self.direct else self.workspace, reads or self.direct)


class DiscordChannels:
    """Knows what the gateway has told, and asks for the rest."""

    def __init__(self, rest: Rest) -> None:
        """Take whom to ask."""
        self._rest = rest
        self._known: LRUCache[str, DiscordChannel] = LRUCache(KEPT)
        self._own_talks: LRUCache[str, str] = LRUCache(KEPT)

    def learn(self, channel: Payload, guild: str = "") -> DiscordChannel | None:
        """Take in what Discord tells of a channel; give what was known of it before.

        What is known of one that the bot has lost sight of stays.
        """
        place = read(channel, guild)
        before = self._known.get(place.id)
        if before is None or not hidden(channel):
            self._known[place.id] = place
        return before

    def forget(self, channel: str) -> DiscordChannel | None:
        """Note that a channel is gone; give what was known of it."""
        return self._known.pop(channel, None)

    async def place(self, channel: str) -> DiscordChannel:
        """Say what a channel is.

        Raises:
            DeliveryError: Discord does not tell.

        """
        return self._known[channel] if channel in self._known else await self.anew(channel)

    async def anew(self, channel: str) -> DiscordChannel:
        """Say what a channel is by now, whatever was known of it.

        Raises:
            DeliveryError: Discord does not tell.

        """
        self.learn(await self._rest.call("GET", "/channels/{channel_id}", channel_id=channel))
        return self._known[channel]

    async def spot(self, channel: str, guild: str) -> Location:
        """Say where in a guild a channel or thread is.

        Raises:
            DeliveryError: Discord does not tell.

        """
        place = await self.place(channel)
        if not place.thread:
            return Location(guild, place)
        return Location(guild, await self.place(place.parent), place.id)

    async def own_talk(self, person: str) -> DiscordChannel:
        """Give somebody's own talk with the bot.

        Raises:
            DeliveryError: Discord does not tell.

        """
        if person not in self._own_talks:
            told = await self._rest.call("POST", "/users/@me/channels", body={"recipient_id": person})
            self._own_talks[person] = str(told["id"])
        return DiscordChannel(self._own_talks[person], IN_DIRECT, owner=person)


def hidden(channel: Payload) -> bool:
    """Whether the bot cannot see a channel, so that hardly anything is told of it."""
    return bool((channel.get("flags") or 0) & OBFUSCATED)


def read(channel: Payload, guild: str = "") -> DiscordChannel:
    """Read what Discord tells of a channel."""
    tags = channel.get("available_tags") or ()
    recipients = channel.get("recipients") or ()
    return DiscordChannel(
        str(channel["id"]),
        int(channel["type"]),
        "" if hidden(channel) else channel.get("name") or "",
        str(channel.get("guild_id") or guild),
        str(channel.get("parent_id") or ""),
        tuple(Tag(str(each["id"]), each["name"], bool(each.get("moderated"))) for each in tags),
        bool((channel.get("flags") or 0) & REQUIRES_TAG),
        str(recipients[0]["id"]) if recipients and channel["type"] == IN_DIRECT else "",
    )
