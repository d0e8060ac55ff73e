"""The whole bot in a guild of the strict Discord server, with a clock that the test sets."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from discord.http import Ratelimit
from pydantic import SecretStr

from adapters.discord import DISCORD
from adapters.discord.adapter import DiscordAdapter
from adapters.discord.manifest import PERMISSIONS
from adapters.discord.setup import SETUP
from app.settings import Settings
from app.surfaces import opening
from app.wiring import Parts, assembled
from bot.commands import COMMANDS
from bot.domain.channel import Origin
from bot.protocol.arguments import _from_text, split_command
from bot.protocol.values import WholeNumber
from tests.discord_words import inside, spoken
from tests.servers.discord import places
from tests.servers.discord.interactions import Interaction
from tests.servers.discord.openapi import Published, file
from tests.servers.discord.places import Member, Message, Person
from tests.servers.discord.server import DiscordServer
from tests.servers.discord.state import (
    ADA,
    BEN,
    FORUM_CHANNEL,
    GUILD,
    HIDDEN,
    OWNER,
    PAPERS,
    READERS,
    READING,
    born,
)
from tests.turns import by_clock

BAD_BODY = 50035
EVE = born(100_000_000_000, 9)
FORUM = FORUM_CHANNEL
__all__ = ["ADA", "BEN", "EVE", "FORUM", "GUILD", "HIDDEN", "OWNER", "PAPERS", "READING"]


@dataclass(slots=True)
class Guild:
    """The bot, and the Discord that it is in."""

    parts: Parts
    adapter: DiscordAdapter
    discord: DiscordServer

    async def says(self, line: str, *, person: int = ADA, channel: int = PAPERS) -> Message:
        """Use a slash command as it would be typed elsewhere, and give the latest answer to it."""
        before = self._heard(person, channel)
        name, text = split_command(line)
        await self.uses(name, person=person, channel=channel, **options_of(name, text))
        new = [message for message in self._heard(person, channel) if message not in before]
        assert new, f"no answer to {line!r}"
        return new[-1]

    async def uses(
        self, name: str, *, person: int = ADA, channel: int = PAPERS, **options: Any
    ) -> Interaction:
        """Use a slash command with its options."""
        one = await self.discord.command(person, channel, f"papers {name}", **options)
        return await self.done(one)

    async def writes(self, text: str, *, person: int = ADA, channel: int = PAPERS, **more: Any) -> Message:
        """Write a message, and wait until all that comes of it has come."""
        message = await self.discord.say(person, channel, text, **more)
        await self.settle()
        return message

    async def forwards(self, message: Message, *, person: int = ADA, channel: int = PAPERS) -> Message:
        """Pass a message on, and wait until all that comes of it has come."""
        forward = await self.discord.forward(person, message, channel)
        await self.settle()
        return forward

    async def presses(self, message: Message, name: str, *, person: int = ADA) -> Interaction:
        """Press a button by its label or by the beginning of its `custom_id`."""
        one = await self.discord.press(person, message, button(message, name))
        return await self.done(one)

    async def reacts(self, message: Message, emoji: str, *, person: int = ADA) -> None:
        await self.discord.react(person, message, emoji)
        await self.settle()

    async def unreacts(self, message: Message, emoji: str, *, person: int = ADA) -> None:
        await self.discord.unreact(person, message, emoji)
        await self.settle()

    async def done(self, one: Interaction) -> Interaction:
        """Wait until all that comes of an interaction has come."""
        await one.acked()
        await self.settle()
        return one

    async def settle(self) -> None:
        """Wait until the bot has dealt with all that was sent to it."""
        for delivery in list(self.discord.deliveries):
            for session, number in delivery.sessions:
                if not session.ended:
                    await session.until_heard(number)
        await self.adapter.settle()
        await self.parts.tally_updates.settle()

    async def channel_id(self, channel: int, guild: int = GUILD) -> int:
        """The number of a channel's row."""
        origin = Origin(DISCORD, str(guild), str(channel), str(ADA))
        async with self.parts.store.writing() as tx:
            return (await tx.directory.resolve(origin, self.parts.clock.now())).channel.id

    def latest(self, channel: int = PAPERS) -> Message:
        return self.discord.messages(channel)[-1]

    def _heard(self, person: int, channel: int) -> list[Message]:
        return [*self.discord.messages(channel), *self.discord.ephemerals(person)]


def options_of(name: str, text: str) -> dict[str, Any]:
    """What is typed behind a command's name, as Discord's typed options."""
    command = next((each for each in COMMANDS if each.name == name), None)
    if command is None:
        return {}
    numbers = {each.name for each in command.parameters if isinstance(each.read, WholeNumber)}
    arguments = _from_text(text, command.parameters, command.usage)
    return {key: int(value) if key in numbers else value for key, value in arguments.items()}


def text_of(message: Message) -> str:
    """All words of a message."""
    return spoken(message.components) or message.content


def button(message: Message, name: str) -> str:
    """The `custom_id` of a button, by its label or by what that begins with."""
    found = [
        each["custom_id"]
        for each in inside(message.components)
        if each["type"] == 2 and "custom_id" in each
        if each["label"] == name or each["custom_id"].startswith(name)
    ]
    assert found, f"no button {name!r} in {text_of(message)!r}"
    return str(found[0])


@pytest.fixture(scope="session")
def published():
    """Discord's published description of its API, None where it is not there."""
    path = file()
    return None if path is None else Held(Published.read(path))


@dataclass
class Held:
    """The description, and the bodies that were held against it: one of each shape."""

    published: Published
    shapes: set[str] = field(default_factory=set)

    def problems(self, route: str, body: Any) -> list[str]:
        shape = f"{route} {shape_of(body)}"
        if shape in self.shapes:
            return []
        self.shapes.add(shape)
        return self.published.body_problems(route, body)


def shape_of(body: Any) -> Any:
    """A body without its texts: how long they may be, the server itself holds them to."""
    if isinstance(body, dict):
        return {name: shape_of(each) for name, each in body.items()}
    if isinstance(body, list):
        return [shape_of(each) for each in body]
    return "" if isinstance(body, str) else body


_update = Ratelimit.update


def unhurried(limit: Ratelimit, response: Any, **more: Any) -> None:
    """discord.py waits in real time, after the bot has waited for the same limits by the test's clock."""
    _update(limit, response, **more)
    limit.reset_after, limit.expires = 0.0, 0.0


@pytest.fixture
async def discord(clock, published):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Ratelimit, "update", unhurried)
        async with DiscordServer(clock=clock.timestamp) as server:
            server.world.people[EVE] = Person(EVE, "eve")
            guild = server.world.guilds[GUILD]
            guild.members[EVE] = Member(EVE)
            allow_exactly(guild, guild.roles[server.bot_role(GUILD)])
            yield server
    assert [call for call in server.calls if call.error == BAD_BODY] == []
    assert server.rates.refused == [], "the bot keeps to Discord's limits by itself"
    for call in server.calls if published is not None else ():
        assert call.body is None or published.problems(call.route, call.body) == [], call


def allow_exactly(guild: places.Guild, bots: places.Role) -> None:
    """Let the bot do what its link asks for and no more: what people may do is with a role of theirs."""
    bots.permissions = sum(PERMISSIONS.values())
    guild.roles[READERS].permissions = guild.roles[GUILD].permissions
    guild.roles[GUILD].permissions = 0
    for member in guild.members.values():
        if bots.id not in member.roles:
            member.roles.add(READERS)


@pytest.fixture
def discord_settings(settings, discord) -> Settings:
    return at_server(settings, discord)


def at_server(settings: Settings, discord: DiscordServer) -> Settings:
    """Settings with which the bot is in that Discord."""
    return settings.model_copy(
        update={
            "discord_token": SecretStr(discord.token),
            "discord_api_url": discord.api,
            "discord_gateway_url": discord.gateway_url,
        }
    )


@asynccontextmanager
async def guild_of(
    settings: Settings, discord: DiscordServer, clock: Any, embedder: Any
) -> AsyncIterator[Guild]:
    """Start the bot, and end it."""
    surfaces = opening([SETUP], settings)
    async with assembled(settings, {}, clock, embedder, by_clock(clock), opening=surfaces) as parts:
        await parts.library.refresh()
        await parts.clocks.sync()
        adapter = parts.adapters()[DISCORD]
        async with adapter.listening():
            await adapter.connected.wait()
            guild = Guild(parts, adapter, discord)
            await guild.settle()
            yield guild
            await guild.settle()


@pytest.fixture
def open_guild(discord_settings, discord, clock, embedder):
    """Start the bot over the test's own file; to do so again is a restart."""

    def opened(settings: Settings = discord_settings) -> AbstractAsyncContextManager[Guild]:
        return guild_of(settings, discord, clock, embedder)

    return opened


@pytest.fixture
async def guild(open_guild, drafts):
    async with open_guild() as opened:
        await opened.parts.library.add(drafts)
        yield opened
