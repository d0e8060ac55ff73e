"""Runs Starlette on uvicorn, in the process's own event loop and with the process's own signal handlers."""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from app.http.bounds import Bounds
from app.http.limits import Limits, TurnedAway
from app.http.observing import HttpMetrics, Observed
from app.http.protocol import BoundedProtocol, Connections
from bot.domain.errors import UserError

REQUEST_SECONDS = 5
"""When the server stops, open requests get so many seconds to finish.

The rest are cancelled, and get the same time again to end.
"""
_BACKLOG = 2048
_OTHER_FILES = 256
"""Open files that the process needs beside its callers: database, platforms, sources."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle no signals. The process handles them, because it has to stop more than this server."""
        yield


@asynccontextmanager
async def served(
    host: str,
    port: int,
    routes: Sequence[BaseRoute],
    limits: Limits | None = None,
    metrics: HttpMetrics | None = None,
) -> AsyncIterator[int]:
    """Serve requests while the context lasts. Yields the port; for port 0, the one that the system chose.

    If the server crashes, the task that entered the context is cancelled.

    Raises:
        UserError: we cannot listen at this address, for example because another process does.

    """
    limits = _within_open_files(limits or Limits())
    turned_away = TurnedAway(limits.report_seconds)
    listening = await _listen(host, port)
    server = _Server(_config(routes, limits, turned_away, metrics))
    server.server_state = Connections(limits, turned_away)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(_serve(server, listening))
        try:
            yield listening[0].getsockname()[1]
        finally:
            server.should_exit = True
            await asyncio.wait([serving])
            await _end(server)
            for each in listening:
                each.close()
            turned_away.report()


async def _serve(server: _Server, listening: list[socket.socket]) -> None:
    await server.serve(sockets=listening)
    if not server.should_exit:
        raise RuntimeError("The HTTP server stopped, though nobody asked it to")


def _config(
    routes: Sequence[BaseRoute], limits: Limits, turned_away: TurnedAway, metrics: HttpMetrics | None
) -> uvicorn.Config:
    application = Starlette(routes=routes)
    # Starlette would redirect to the path with a slash, at whatever host the caller names in `Host`.
    application.router.redirect_slashes = False
    return uvicorn.Config(
        Observed(Bounds(application, limits, turned_away), routes, metrics),
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",  # below that, uvicorn logs a line for each bad caller; `TurnedAway` counts them
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        h11_max_incomplete_event_size=limits.head_bytes,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )


async def _end(server: uvicorn.Server) -> None:
    """Close the connections that are left, and wait for their requests to end."""
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    if tasks := set(server.server_state.tasks):
        await asyncio.wait(tasks, timeout=REQUEST_SECONDS)


async def _listen(host: str, port: int) -> list[socket.socket]:
    """Open the sockets ourselves. uvicorn would exit the process if the address is in use."""
    opened: list[socket.socket] = []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            # asyncio sets TCP_NODELAY only where the protocol is named. Without it, the second part of an
            # answer waits until the caller confirms the first: 40 ms on a connection that is kept.
            one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            opened.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(_BACKLOG)  # only here we learn that another process listens at this address
    except OSError as error:
        for one in opened:
            one.close()
        # A gaierror has codes of its own, no errno. Its text is fine.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise UserError(
            f"Requests cannot be answered at {host}:{port} ({reason}). "
            "Choose another address with PAPERCLUB_HOST and PAPERCLUB_PORT."
        ) from None
    return opened


def _within_open_files(limits: Limits) -> Limits:
    """Raise the limit on open files as far as we need. Return fewer connections if that is not enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limits
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    room, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return replace(limits, connections=max(room - _OTHER_FILES, room // 2))
