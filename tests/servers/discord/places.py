"""What the server keeps of people, guilds, channels and messages."""

from dataclasses import dataclass, field
from typing import Any, Self

TEXT, DIRECT, CATEGORY, NEWS, FORUM = 0, 1, 4, 5, 15
NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = (NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)
REQUIRE_TAG = 1 << 4

EPHEMERAL, LOADING, COMPONENTS_V2, HAS_THREAD = 1 << 6, 1 << 7, 1 << 15, 1 << 5
HAS_SNAPSHOT = 1 << 14
SETTABLE = 1 << 2 | 1 << 12 | COMPONENTS_V2
"""The flags that an app may set on a message: no embeds, silent, and the new components."""

REPLY, THREAD_CREATED, SLASH_ANSWER, THREAD_STARTER, MENU_ANSWER = 19, 18, 20, 21, 23
SYSTEM = (THREAD_CREATED, THREAD_STARTER)
FORWARD = 1
"""The type of a reference by which a message is passed on; 0 is an answer."""
FORWARDED = (0, REPLY, SLASH_ANSWER, MENU_ANSWER)
"""The kinds of messages that can be: https://docs.discord.com/developers/resources/message#message-reference-types."""


@dataclass
class Person:
    """One user of Discord."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    takes_direct: bool = True
    """Whether the app may write to them."""


@dataclass
class Role:
    """One role of a guild."""

    id: int
    name: str
    permissions: int = 0
    bot: int | None = None
    """The bot whose own role it is."""
    mentionable: bool = False


@dataclass
class Member:
    """One person in one guild."""

    user: int
    roles: set[int] = field(default_factory=set)
    nick: str | None = None


@dataclass
class Tag:
    """One tag of a forum."""

    id: int
    name: str
    moderated: bool = False

    def body(self) -> dict[str, Any]:
        empty = {"emoji_id": None, "emoji_name": None}
        return {"id": str(self.id), "name": self.name, "moderated": self.moderated, **empty}


@dataclass(kw_only=True)
class Heard:
    """Something that the app hears of when people make it."""

    told: Any = None
    """The delivery by which the app heard of it."""

    async def acked(self) -> Self:
        """Wait until the app has certainly heard of it."""
        await self.told.acked()
        return self


@dataclass
class Channel(Heard):
    """One channel, thread, forum or direct conversation; `kind` is Discord's channel type."""

    id: int
    name: str
    kind: int = TEXT
    guild: int | None = None
    parent: int | None = None
    overwrites: dict[int, tuple[int, int]] = field(default_factory=dict)
    """What is allowed and what denied, by role or person."""
    topic: str | None = None
    recipients: set[int] = field(default_factory=set)
    tags: list[Tag] = field(default_factory=list)
    flags: int = 0
    slowmode: int = 0
    owner: int | None = None
    archived: bool = False
    locked: bool = False
    archive_minutes: int = 1440
    archive_changed: float = 0.0
    thread_members: dict[int, float] = field(default_factory=dict)
    """Who is in the thread, and since when."""
    applied_tags: list[int] = field(default_factory=list)
    last_message: int | None = None
    written: int = 0
    """How many messages were ever written in the thread, without the one that it was started from."""

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def is_private(self) -> bool:
        return self.kind == PRIVATE_THREAD

    @property
    def holds_messages(self) -> bool:
        return self.kind in {TEXT, DIRECT, NEWS, *THREADS}


def is_direct(channel: Channel) -> bool:
    """Whether it is between two."""
    return channel.kind == DIRECT


@dataclass
class Guild:
    """One server, as people call it."""

    id: int
    name: str
    owner: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    emojis: dict[int, str] = field(default_factory=dict)
    out: bool = False
    """Whether it cannot be reached just now."""
    locale: str = "en-US"

    def shard(self, count: int) -> int:
        return (self.id >> 22) % count


@dataclass
class Pings:
    """Who a message really called."""

    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False


@dataclass
class Message(Heard):
    """One message as the server keeps it."""

    id: int
    channel: int
    author: int
    content: str = ""
    guild: int | None = None
    kind: int = 0
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    pings: Pings = field(default_factory=Pings)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    """Who reacted with an emoji, by its text or `name:id`."""
    flags: int = 0
    nonce: str | int | None = None
    reference: dict[str, Any] | None = None
    snapshot: dict[str, Any] | None = None
    """What it forwards, as that was then."""
    thread: int | None = None
    sent_at: float = 0.0
    edited_at: float | None = None
    deleted: bool = False
    ephemeral_to: int | None = None
    interaction: dict[str, Any] | None = None
    """What it answers, as Discord tells it with the message."""
    through: str = ""
    """The token of the interaction that it came through."""
    body: dict[str, Any] = field(default_factory=dict)
    """What the app sent last."""
    edits: int = 0

    @property
    def is_v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    @property
    def loading(self) -> bool:
        return bool(self.flags & LOADING)
