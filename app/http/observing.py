"""A middleware that gives each request its id, and reports how it was answered."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.protocol.request_id import request

UNMATCHED = "unmatched"
"""The route of a request that no route fits, or whose body was refused before its route was looked for."""


class HttpMetrics(Protocol):
    """Counts requests."""

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request by its route's template, such as `/papers/{number}`. Status 0: it got no answer."""
        ...


class Observed:
    """Passes requests on. All that is logged for one has its id."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], metrics: HttpMetrics | None) -> None:
        self._app = app
        self._metrics = metrics
        self._templates = _templates(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            with request():
                await self._app(scope, receive, sending)
        finally:
            if self._metrics is not None and scope["type"] == "http":
                self._metrics.request(self._route_of(scope), scope["method"], status, clock() - started)

    def _route_of(self, scope: Scope) -> str:
        """Return the template of the route that was found. With the path itself, labels would have no end."""
        route = scope.get("route")
        return self._templates.get(id(route)) or str(getattr(route, "path", UNMATCHED))


def _templates(routes: Sequence[BaseRoute], prefix: str = "") -> dict[int, str]:
    """Return the whole template of each route, below the paths under which it is mounted."""
    templates: dict[int, str] = {}
    for route in routes:
        path = prefix + str(getattr(route, "path", ""))
        templates[id(route)] = path or "/"
        if isinstance(route, Mount):
            templates |= _templates(route.routes, path)
    return templates
