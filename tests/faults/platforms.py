"""The platforms that posts are sent to: how their servers are asked, and how workers reach them."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from adapters.discord import DISCORD
from adapters.discord import setup as discord
from adapters.slack import SLACK
from adapters.slack import setup as slack
from app.settings import Settings
from app.surface_setup import SurfaceSetup
from app.surfaces import opening, services_for_checks
from bot.domain.channel import Platform
from bot.ports.surface import Surface
from tests.discord_words import inside
from tests.servers.discord import places
from tests.servers.discord.permissions import PEOPLES
from tests.servers.discord.server import VERSION, DiscordServer
from tests.servers.discord.state import ADA, OWNER, admit_bot, born
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import BOT_USER, EVERY_SCOPE, TEAM, Channel, Token


@dataclass(frozen=True, slots=True)
class Accepted:
    """A post that the platform took."""

    channel: str
    token: str
    text: str


class PlatformUnderTest(Protocol):
    """One platform: its strict server, which runs in a process of its own, and its side of a worker."""

    platform: Platform
    person: str
    """Who subscribes."""

    def workspace(self, channel: str) -> str:
        """Where a channel is."""
        ...

    def channel(self, number: int) -> str:
        """The id of one of the channels."""
        ...

    def server(
        self, clock: Callable[[], float], channels: Sequence[str], workers: int, middleware: Middleware
    ) -> AbstractAsyncContextManager[Any]:
        """The server with these channels, each worker known to it, all calls through the middleware."""
        ...

    def address(self, server: Any) -> str:
        """Where workers reach it."""
        ...

    def accepted(self, server: Any) -> list[Accepted]:
        """What it took that carries a token, by its own record."""
        ...

    def is_post(self, request: web.Request) -> bool:
        """Whether a call posts a message."""
        ...

    def worker_of(self, request: web.Request) -> int:
        """Which worker calls."""
        ...

    def channel_of(self, request: web.Request, body: bytes) -> str:
        """Where a call posts."""
        ...

    def refusal(self, seconds: int) -> web.Response:
        """The answer to who calls too often."""
        ...

    def settings(self, address: str, worker: int) -> Mapping[str, str]:
        """What a worker is set up with."""
        ...

    def surfaces(self, settings: Settings) -> AbstractAsyncContextManager[Mapping[Platform, Surface]]:
        """What a worker sends over."""
        ...


class SlackUnderTest:
    """Slack: each worker has a token of its own."""

    platform = SLACK
    person = "U1ADA"

    def workspace(self, channel: str) -> str:
        del channel
        return TEAM

    def channel(self, number: int) -> str:
        return f"C{number:05}"

    @asynccontextmanager
    async def server(
        self, clock: Callable[[], float], channels: Sequence[str], workers: int, middleware: Middleware
    ) -> AsyncIterator[SlackServer]:
        async with SlackServer(clock=clock, middlewares=[middleware]) as server:
            server.rates.on = False  # Tests of its pace put it on: the others would only take longer.
            for channel in channels:
                server.world.channels[channel] = Channel(channel, channel, members={BOT_USER})
            for worker in range(workers):
                server.world.tokens[f"xoxb-{worker}"] = Token("bot", set(EVERY_SCOPE), BOT_USER)
            yield server

    def address(self, server: SlackServer) -> str:
        return server.base_url

    def accepted(self, server: SlackServer) -> list[Accepted]:
        return [
            Accepted(each.channel, each.metadata["event_payload"]["token"], json.dumps(each.blocks))
            for each in server.world.posted
            if each.metadata
        ]

    def is_post(self, request: web.Request) -> bool:
        return request.path == "/api/chat.postMessage"

    def worker_of(self, request: web.Request) -> int:
        return int(request.headers["Authorization"].removeprefix("Bearer xoxb-"))

    def channel_of(self, request: web.Request, body: bytes) -> str:
        assert request.content_type == "application/json"
        return str(json.loads(body)["channel"])

    def refusal(self, seconds: int) -> web.Response:
        answer = {"ok": False, "error": "ratelimited"}
        return web.json_response(answer, status=429, headers={"Retry-After": str(seconds)})

    def settings(self, address: str, worker: int) -> Mapping[str, str]:
        unused = {"slack_signing_secret": "unused"}
        return {"slack_bot_token": f"xoxb-{worker}", "slack_api_url": address, **unused}

    @asynccontextmanager
    async def surfaces(self, settings: Settings) -> AsyncIterator[Mapping[Platform, Surface]]:
        async with surfaces_of(slack.SETUP, settings) as surfaces:
            yield surfaces


CHANNELS_A_GUILD = 100
"""Discord allows 500."""
FORUM_EVERY = 4
"""Each so many channels one is a forum, whose posts have no nonce."""
_GUILDS_BORN = 251_000_000_000
_CHANNELS_BORN = 265_000_000_000
_ROLES_BORN = 281_000_000_000
_TOKEN_LENGTHS = range(20, 26)
_POSTS = {f"{VERSION}/channels/{{channel_id}}/{kind}" for kind in ("messages", "threads")}


class DiscordUnderTest:
    """Discord: each worker has a token of its own, and some channels are forums."""

    platform = DISCORD
    person = str(ADA)

    def workspace(self, channel: str) -> str:
        return str(_guild_of(int(channel)))

    def channel(self, number: int) -> str:
        return str(born(_CHANNELS_BORN, number))

    @asynccontextmanager
    async def server(
        self, clock: Callable[[], float], channels: Sequence[str], workers: int, middleware: Middleware
    ) -> AsyncIterator[DiscordServer]:
        async with DiscordServer(clock=clock, middlewares=[middleware]) as server:
            self._world = server.world
            for number, channel in enumerate(map(int, channels)):
                kind = places.TEXT if (number + 1) % FORUM_EVERY else places.FORUM
                guild = server.world.guilds.setdefault(_guild_of(channel), _guild(_guild_of(channel)))
                guild.channels[channel] = places.Channel(channel, f"channel-{number}", kind, guild.id)
            server.world.other_tokens = {f"worker-{worker}" for worker in range(workers)}
            yield server

    def address(self, server: DiscordServer) -> str:
        return server.api

    def accepted(self, server: DiscordServer) -> list[Accepted]:
        return [
            Accepted(self._outside(each.channel), token, json.dumps(each.components))
            for each in server.world.posted
            if (token := token_of(each))
        ]

    def is_post(self, request: web.Request) -> bool:
        """Whether it is a message or a forum's post; a thread that begins under a message is none."""
        resource = request.match_info.route.resource
        return request.method == "POST" and resource is not None and resource.canonical in _POSTS

    def worker_of(self, request: web.Request) -> int:
        return int(request.headers["Authorization"].removeprefix("Bot worker-"))

    def channel_of(self, request: web.Request, body: bytes) -> str:
        del body
        return self._outside(int(request.match_info["channel_id"]))

    def refusal(self, seconds: int) -> web.Response:
        answer = {"message": "You are being rate limited.", "retry_after": seconds, "global": True}
        told = {"Retry-After": str(seconds), "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
        return web.json_response(answer, status=429, headers={**told, "Via": "1.1 google"})

    def settings(self, address: str, worker: int) -> Mapping[str, str]:
        return {"discord_token": f"worker-{worker}", "discord_api_url": address}

    @asynccontextmanager
    async def surfaces(self, settings: Settings) -> AsyncIterator[Mapping[Platform, Surface]]:
        async with surfaces_of(discord.SETUP, settings) as surfaces:
            yield surfaces

    def _outside(self, place: int) -> str:
        """The channel itself, or the one that a thread is in."""
        found = self._world.find_channel(place)
        return str(place if found is None else found.parent or place)


def _guild_of(channel: int) -> int:
    return born(_GUILDS_BORN, (channel - born(_CHANNELS_BORN)) // CHANNELS_A_GUILD)


def _guild(made: int) -> places.Guild:
    """A guild without channels."""
    members = {user: places.Member(user) for user in (OWNER, ADA)}
    guild = places.Guild(made, "Example", OWNER, {made: places.Role(made, "@everyone", PEOPLES)}, members)
    admit_bot(guild, born(_ROLES_BORN))
    return guild


def token_of(message: places.Message) -> str:
    """The token that stands beside every button of a post; empty where there is none."""
    marks = (mark for each in inside(message.components) for mark in each.get("custom_id", "").split("|")[1:])
    return next((mark for mark in marks if len(mark) in _TOKEN_LENGTHS), "")


@asynccontextmanager
async def surfaces_of(setup: SurfaceSetup, settings: Settings) -> AsyncIterator[Mapping[Platform, Surface]]:
    async with services_for_checks(settings) as services, opening([setup], settings)(services) as installed:
        yield {platform: each.surface for platform, each in installed.items()}


PLATFORMS: dict[str, PlatformUnderTest] = {"slack": SlackUnderTest(), "discord": DiscordUnderTest()}
