"""MCP over streamable HTTP at /mcp, and over standard input and output."""

import json
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from math import ceil
from urllib.parse import urlsplit

from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from adapters.common.addresses import address_of
from adapters.common.programs.callers import Caller, MembershipUnknown, ProgramDoor, TokenNeeded
from adapters.common.programs.operations import operations
from adapters.mcp.inbound.tools import server, tools_for
from bot.conversation.command import Command
from bot.domain.errors import TooBusy

PATH = "/mcp"
MOST_BODY = 256 << 10
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# The SDK warns of each wrong Host and each session: a caller could fill the log.
logging.getLogger("mcp").setLevel(logging.ERROR)


class McpServer:
    """An ASGI application that answers one message a request, and keeps nothing between two."""

    def __init__(self, door: ProgramDoor, commands: Sequence[Command], public_url: str) -> None:
        self._door = door
        self._operations = operations(commands)
        self._public_url = public_url
        self._security = _security(public_url)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The one route, for every method: the page would answer those that it leaves."""
        return [Route(PATH, self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of whoever has a token."""
        if scope["method"] != "POST":
            # Without sessions there is no stream to GET and nothing to DELETE.
            refusal = _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Tools are called by POST.", {"Allow": "POST"})
            await refusal(scope, receive, send)
            return
        try:
            caller = await self._caller(Request(scope))
        except TokenNeeded as error:
            refusal = _refusal(HTTPStatus.UNAUTHORIZED, str(error), {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
        except MembershipUnknown as error:
            await _refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {})(scope, receive, send)
        except TooBusy as error:
            seconds = str(max(1, ceil(error.seconds)))
            refusal = _refusal(HTTPStatus.TOO_MANY_REQUESTS, str(error), {"Retry-After": seconds})
            await refusal(scope, receive, send)
        else:
            await self._answer(caller, scope, receive, send)

    async def serve_stdio(self, caller: Caller) -> None:
        """Answer on standard input and output, for a caller on this computer, until the input ends."""
        served = server(
            tools_for(self._operations, caller.scopes), partial(self._door.answer, caller), self._public_url
        )
        async with stdio_server() as (incoming, outgoing):
            await served.run(incoming, outgoing, served.create_initialization_options())

    async def _caller(self, request: Request) -> Caller:
        peer = request.client.host if request.client else ""
        address = address_of(peer, request.headers.getlist("x-forwarded-for"))
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return await self._door.caller(token.strip() if kind.lower() == "bearer" else "", address)

    async def _answer(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        # A manager runs once, and holds nothing without sessions: so each request has its own.
        manager = StreamableHTTPSessionManager(
            server(
                tools_for(self._operations, caller.scopes),
                partial(self._door.answer, caller),
                self._public_url,
            ),
            json_response=True,
            stateless=True,
            security_settings=self._security,
            max_request_body_size=MOST_BODY,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


def _security(public_url: str) -> TransportSecuritySettings:
    """Allow our own names alone, so that no web page can lead a browser here under a name of its own."""
    public = urlsplit(public_url)
    hosts = [each for name in _LOOPBACK for each in (name, f"{name}:*")]
    origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
    if public.netloc:
        hosts.append(public.netloc)
        origins.append(f"{public.scheme}://{public.netloc}")
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _refusal(status: HTTPStatus, detail: str, headers: Mapping[str, str]) -> Response:
    body = {"error": detail}
    return Response(json.dumps(body, ensure_ascii=False), status, headers, "application/json")
