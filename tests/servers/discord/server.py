"""A strict Discord on 127.0.0.1: the REST API v10, the gateway over a WebSocket, and interactions.

It refuses what Discord refuses and keeps its own record of what it accepted, so that lost and doubled posts
can be counted. `async with DiscordServer() as discord:` starts it and ends it with all that it opened.

The stock discord.py finds it by two class attributes; there is no argument for either:

    discord.http.Route.BASE = server.api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)

A plain `Client` never asks `GET /gateway/bot` and connects to `DEFAULT_GATEWAY`; an `AutoShardedClient`
asks it where it was given no `shard_count`, and falls back on the same attribute when a session ends.
Both, and the webhooks that follow interactions up, make their addresses of `Route.BASE`. A test sets them
with `monkeypatch.setattr` and starts `client.start(TOKEN)` as a task. A client is ready
`guild_ready_timeout` seconds after the last guild came, which is two unless it is told otherwise.

What people do is a method each; `acked()` of what it returns waits until a heartbeat, which the server asks
for, confirms that the app has heard of it, and for an interaction until its first answer came.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Middleware

from tests.servers.clock import ManualClock, dated
from tests.servers.discord.agents import Agents
from tests.servers.discord.calls import Call, authorize, read_body
from tests.servers.discord.errors import NOT_ALLOWED, NOT_FOUND, DiscordError
from tests.servers.discord.faults import Fault, Faults, Rates
from tests.servers.discord.gateway import Gateway
from tests.servers.discord.interactions import Interactions
from tests.servers.discord.people import People
from tests.servers.discord.places import Message
from tests.servers.discord.rest_channels import CHANNELS
from tests.servers.discord.rest_commands import COMMANDS
from tests.servers.discord.rest_interactions import InteractionRoutes
from tests.servers.discord.rest_messages import MESSAGES
from tests.servers.discord.rest_reactions import REACTIONS
from tests.servers.discord.rest_threads import THREADS
from tests.servers.discord.sessions import DEADLINE, Delivery, Sessions
from tests.servers.discord.state import TOKEN, World

VERSION = "/api/v10"
Handler = Callable[[Call], Any]
WITHOUT_TOKEN = "{interaction_token}"
"""Routes with the token of an interaction need no other."""


def as_json(body: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """An answer whose type has no charset, as Discord's has none."""
    more = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=more)


@dataclass
class DiscordServer(People):
    """The server, its record, and the people in its guilds."""

    clock: Callable[[], float] = field(default_factory=ManualClock)
    faults: Faults = field(default_factory=Faults)
    sessions: Sessions = field(default_factory=Sessions)
    calls: list[Call] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    """What went wrong in the server itself; the first of them ends the test."""
    token: str = TOKEN
    agents: Agents = field(default_factory=Agents)
    middlewares: Sequence[Middleware] = ()
    """What stands between the app and the server, such as a network that fails."""

    def __post_init__(self) -> None:
        self.world = World(self.clock, self.sessions.tell, self.token)
        self.rates = Rates(self.clock)
        self.gateway = Gateway(self.world, self.sessions)
        self.interactions = Interactions(self.world)
        self._ending = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=12 * 1024 * 1024, middlewares=self.middlewares)
        app.on_response_prepare.append(dated(self.clock))
        for route, handler in self._routes().items():
            method, _, path = route.partition(" ")
            app.router.add_route(method, VERSION + path, self._answering(route, handler))
        app.router.add_get("/gateway/{any:.*}", self._connect)
        app.router.add_route("*", "/{any:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = self.gateway.address = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending.set()
        self.gateway.cut()
        await self._runner.cleanup()
        if self.crashes:
            raise self.crashes[0]

    @property
    def api(self) -> str:
        """What `discord.http.Route.BASE` wants."""
        return f"http://{self.address}{VERSION}"

    @property
    def gateway_url(self) -> str:
        """What `DiscordWebSocket.DEFAULT_GATEWAY` wants."""
        return f"ws://{self.address}/gateway/"

    @property
    def deliveries(self) -> list[Delivery]:
        return self.sessions.deliveries

    def messages(self, channel: int, *, deleted: bool = False) -> list[Message]:
        """What was accepted in a channel for all to see, oldest first: the server's own record."""
        inside = [one for one in self.world.posted if one.channel == channel and not one.ephemeral_to]
        return [one for one in inside if deleted or not one.deleted]

    def ephemerals(self, user: int) -> list[Message]:
        return [one for one in self.world.posted if one.ephemeral_to == user and not one.deleted]

    def counted(self) -> Counter[str]:
        """How often each nonce stands with a message that was accepted, anywhere."""
        return Counter(str(one.nonce) for one in self.world.posted if one.nonce is not None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, at most until the deadline."""
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - what tests wait for has no event of its own
                await asyncio.sleep(0.005)

    async def heard(self) -> None:
        """Wait until the app has certainly heard all that was told so far."""
        for session in self.sessions.open:
            await session.until_heard(len(session.told))

    def calls_of(self, route: str) -> list[Call]:
        return [one for one in self.calls if one.route == route]

    def _routes(self) -> dict[str, Handler]:
        own = {"GET /gateway/bot": self._gateway_bot, "GET /gateway": self._gateway_bot}
        answers = InteractionRoutes(self.world, self.interactions).routes
        return {**own, **MESSAGES, **REACTIONS, **THREADS, **COMMANDS, **answers, **CHANNELS}

    async def _gateway_bot(self, call: Call) -> dict[str, Any]:
        start = {"total": 1000, "remaining": 1000, "reset_after": 0}
        start["max_concurrency"] = self.gateway.max_concurrency
        address = {"url": self.gateway_url}
        if call.route == "GET /gateway":
            return address
        return {**address, "shards": self.gateway.shards, "session_start_limit": start}

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        self.agents.hear(request)
        try:
            return await self.gateway.connect(request)
        except Exception as crash:
            self.crashes.append(crash)
            raise

    async def _unknown(self, request: web.Request) -> web.Response:
        own = [one for one in request.app.router.resources() if one.canonical != "/{any}"]
        known = any([(await one.resolve(request))[1] for one in own])
        error = DiscordError.plain(*(NOT_ALLOWED if known else NOT_FOUND))
        return as_json(error.body(), error.status)

    def _answering(self, route: str, handler: Handler) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            if (blocked := self.agents.refuse(request)) is not None:
                return blocked
            call = Call(self.world, route, dict(request.match_info), dict(request.query))
            self.calls.append(call)
            fault = self.faults.take(route) or self.rates.refuses(route, call.parts)
            if fault is not None and not fault.accepts:
                call.status, call.error = fault.status, fault.code
                return await self._faulty(request, call, fault)
            response = await self._carried_out(request, call, handler)
            if fault is not None:
                return await self._faulty(request, call, fault)
            return response

        return answer

    async def _carried_out(self, request: web.Request, call: Call, handler: Handler) -> web.Response:
        try:
            if WITHOUT_TOKEN not in call.route:
                authorize(request, self.world)
            call.body, call.files = await read_body(request)
            body = await handler(call)
        except DiscordError as error:
            call.status, call.error = error.status, error.code
            self.rates.note(error.status, "")
            body = error.body()
        except Exception as crash:
            self.crashes.append(crash)
            raise
        else:
            call.status = call.status or (200 if body is not None else 204)
        headers = self.rates.headers(call.route, call.parts)
        if body is None:
            return web.Response(status=call.status, headers=headers)
        return as_json(body, call.status, headers)

    async def _faulty(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        if fault.hangs:
            await self._ending.wait()
        if (fault.drops or fault.hangs) and request.transport is not None:
            request.transport.abort()
        self.rates.note(fault.status, fault.scope)
        if fault.status >= 500 or (fault.status == 429 and not fault.scope):
            return web.Response(status=fault.status, text="upstream connect error", headers=fault.headers())
        headers = {**self.rates.headers(call.route, call.parts), **fault.headers()}
        return as_json(fault.body(), fault.status, headers)
