"""The platforms that posts are sent to: how their servers are asked, and how workers reach them."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from app.platforms import surfaces_of
from app.settings import Settings
from app.slack import at_slack
from bot.models import Platform
from bot.ports import Surface
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
    workspace: str

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

    platform = Platform.SLACK
    workspace = TEAM

    def channel(self, number: int) -> str:
        return f"C{number:05}"

    @asynccontextmanager
    async def server(
        self, clock: Callable[[], float], channels: Sequence[str], workers: int, middleware: Middleware
    ) -> AsyncIterator[SlackServer]:
        async with SlackServer(clock=clock, middlewares=[middleware]) as server:
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
        async with at_slack(settings) as slack:
            yield surfaces_of(slack)


PLATFORMS: dict[str, PlatformUnderTest] = {"slack": SlackUnderTest()}
