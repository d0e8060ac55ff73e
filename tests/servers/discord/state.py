"""The world that the server keeps: guilds, people, conversations and what the app registered."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord.errors import DiscordError
from tests.servers.discord.limits import limit
from tests.servers.discord.permissions import PEOPLES, bits
from tests.servers.discord.places import (
    DIRECT,
    FORUM,
    REQUIRE_TAG,
    TEXT,
    Channel,
    Guild,
    Member,
    Message,
    Person,
    Role,
    Tag,
)
from tests.servers.discord.quotas import Quota, old_edits, opened_talks

EPOCH_MS = 1_420_070_400_000
"""Where Discord's ids begin: https://docs.discord.com/developers/reference#snowflakes."""


def born(milliseconds: int, number: int = 0) -> int:
    """An id of a moment after Discord's beginning."""
    return milliseconds << 22 | number


APP, BOT = born(240_000_000_000, 1), born(240_000_000_000, 2)
OWNER, ADA, BEN = (born(100_000_000_000, number) for number in range(3))
GUILD, OTHER_GUILD = born(250_000_000_000), born(250_000_000_001)
"""The first is on shard 0 of two, the second on shard 1; the bot is in the first."""
PAPERS, READING, HIDDEN, QUIET, FORUM_CHANNEL, TAGGED_FORUM, ELSEWHERE = (
    born(260_000_000_000, number) for number in range(7)
)
THEORY, PRACTICE, STAFF = (born(270_000_000_000, number) for number in range(3))
READERS, BOT_ROLE, OTHER_BOT_ROLE = (born(280_000_000_000, number) for number in range(3))
CUSTOM_EMOJI = born(290_000_000_000)

TOKEN = "bot-token"
BOTS = PEOPLES | bits("USE_EXTERNAL_EMOJIS")
"""What the bot was invited with."""


@dataclass
class World:
    """Everything that the server remembers."""

    clock: Callable[[], float]
    tell: Callable[..., Any]
    """Sends an event to every session that may hear it."""
    token: str = TOKEN
    other_tokens: set[str] = field(default_factory=set)
    """As good as the bot's own for calls; a test can tell by them who calls."""
    privileged: set[str] = field(default_factory=lambda: {"GUILD_MEMBERS", "MESSAGE_CONTENT"})
    """The privileged intents that are switched on for the app."""
    people: dict[int, Person] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    directs: dict[int, Channel] = field(default_factory=dict)
    posted: list[Message] = field(default_factory=list)
    commands: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What the app registered, by id; one of a guild has `guild_id`."""
    installs: frozenset[int] = frozenset({0})
    """How the app can be installed: 0 in guilds, 1 by people."""
    created: dict[int | None, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When commands were newly made, by guild."""

    old_edits: Quota = field(default_factory=old_edits)
    opened_talks: Quota = field(default_factory=opened_talks)
    most_active_threads: int = limit("threads.active")
    """In one guild."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        for person in (
            Person(OWNER, "olga"),
            Person(ADA, "ada"),
            Person(BEN, "ben"),
            Person(BOT, "bot", bot=True),
        ):
            self.people[person.id] = person
        self.guilds = {each.id: each for each in (example_guild(), other_guild())}

    def id(self) -> int:
        """A new id, later than all before it."""
        return born(int(self.clock() * 1000) - EPOCH_MS, next(self._numbers) & 0x3FFFFF)

    def bots_guilds(self) -> Iterator[Guild]:
        """The guilds that the bot is in."""
        return (guild for guild in self.guilds.values() if BOT in guild.members)

    def emojis(self) -> frozenset[int]:
        """The emojis of the guilds that the bot is in: it can use no others."""
        return frozenset(made for guild in self.bots_guilds() for made in guild.emojis)

    def guild(self, guild_id: int) -> Guild:
        """A guild that the bot is in."""
        guild = self.guilds.get(guild_id)
        if guild is None or BOT not in guild.members:
            raise DiscordError(10004)
        return guild

    def guild_of(self, channel: Channel) -> Guild | None:
        return None if channel.guild is None else self.guilds[channel.guild]

    def find_channel(self, channel_id: int) -> Channel | None:
        places = [self.directs, *(guild.channels for guild in self.guilds.values())]
        return next((place[channel_id] for place in places if channel_id in place), None)

    def channel(self, channel_id: int) -> Channel:
        channel = self.find_channel(channel_id)
        if channel is None:
            raise DiscordError(10003)
        if (guild := self.guild_of(channel)) is not None and BOT not in guild.members:
            raise DiscordError(50001)
        return channel

    def message(self, channel_id: int, message_id: int) -> Message:
        """A message that all can see."""
        found = self.find_message(message_id)
        if found is None or found.channel != channel_id or found.ephemeral_to or found.deleted:
            raise DiscordError(10008)
        return found

    def find_message(self, message_id: int) -> Message | None:
        return next((one for one in reversed(self.posted) if one.id == message_id), None)

    def messages(self, channel_id: int) -> list[Message]:
        """What all can see in a channel, oldest first."""
        inside = (one for one in self.posted if one.channel == channel_id and not one.deleted)
        return sorted((one for one in inside if not one.ephemeral_to), key=lambda one: one.id)

    def threads(self, parent_id: int) -> list[Channel]:
        places = (guild.channels.values() for guild in self.guilds.values())
        return [one for place in places for one in place if one.parent == parent_id and one.is_thread]

    def direct(self, user: int) -> Channel:
        """The conversation between the bot and a person."""
        for channel in self.directs.values():
            if user in channel.recipients:
                return channel
        made = Channel(self.id(), "", DIRECT, recipients={user, BOT})
        self.directs[made.id] = made
        return made


def example_guild() -> Guild:
    """A guild with every kind of channel that matters."""
    everyone = Role(GUILD, "@everyone", PEOPLES)
    guild = Guild(GUILD, "Example", OWNER, {GUILD: everyone}, emojis={CUSTOM_EMOJI: "kettle"})
    guild.roles[READERS] = Role(READERS, "readers")
    guild.members = {user: Member(user) for user in (OWNER, ADA, BEN)}
    unseen = {GUILD: (0, bits("VIEW_CHANNEL"))}
    silent = {GUILD: (0, bits("SEND_MESSAGES SEND_MESSAGES_IN_THREADS"))}
    for channel in (
        Channel(PAPERS, "papers"),
        Channel(READING, "reading"),
        Channel(HIDDEN, "hidden", overwrites={**unseen, ADA: (bits("VIEW_CHANNEL"), 0)}),
        Channel(QUIET, "quiet", overwrites=silent),
        Channel(FORUM_CHANNEL, "forum", FORUM, tags=tags()),
        Channel(TAGGED_FORUM, "tagged", FORUM, tags=tags(), flags=REQUIRE_TAG),
    ):
        channel.guild = GUILD
        guild.channels[channel.id] = channel
    admit_bot(guild, BOT_ROLE)
    return guild


def other_guild() -> Guild:
    """A guild that the bot is not in yet."""
    guild = Guild(OTHER_GUILD, "Other", BEN, {OTHER_GUILD: Role(OTHER_GUILD, "@everyone", PEOPLES)})
    guild.members = {user: Member(user) for user in (BEN, ADA)}
    guild.channels[ELSEWHERE] = Channel(ELSEWHERE, "elsewhere", TEXT, OTHER_GUILD)
    return guild


def tags() -> list[Tag]:
    return [Tag(THEORY, "theory"), Tag(PRACTICE, "practice"), Tag(STAFF, "staff", moderated=True)]


def dismiss_bot(world: World, guild: Guild) -> None:
    """Send the bot away, with its role and the commands that it registered for the guild."""
    del guild.members[BOT]
    guild.roles = {made: role for made, role in guild.roles.items() if role.bot != BOT}
    owned = [made for made, one in world.commands.items() if one.get("guild_id") == str(guild.id)]
    for made in owned:
        del world.commands[made]


def admit_bot(guild: Guild, role: int, permissions: int = BOTS) -> None:
    """Let the bot in with a role of its own."""
    guild.roles[role] = Role(role, "bot", permissions, bot=BOT)
    guild.members[BOT] = Member(BOT, {role})
