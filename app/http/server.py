"""Starlette on uvicorn, in the process's own loop and under its own signal handlers."""

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
from app.http.protocol import BoundedProtocol, Doors
from bot.domain.errors import UserError

REQUEST_SECONDS = 5
"""How long requests that have come in may take when the server stops; those that are ended may take as long
once more."""
_BACKLOG = 2048
_OTHER_FILES = 256
"""What the process has open beside its callers: database, platforms, sources."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process, which stops more than this server."""
        yield


@asynccontextmanager
async def served(
    host: str,
    port: int,
    routes: Sequence[BaseRoute],
    limits: Limits | None = None,
    metrics: HttpMetrics | None = None,
) -> AsyncIterator[int]:
    """Answer requests until left; give the port, which is another where it was 0.

    Where the server fails, which it should not, the task that is inside is cancelled with it.

    Raises:
        UserError: the address cannot be listened at.

    """
    limits = _within_open_files(limits or Limits())
    turned_away = TurnedAway(limits.report_seconds)
    listening = await _listen(host, port)
    server = _Server(_config(routes, limits, turned_away, metrics))
    server.server_state = Doors(limits, turned_away)
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
        raise RuntimeError("The server of requests has ended, and nobody asked it to")


def _config(
    routes: Sequence[BaseRoute], limits: Limits, turned_away: TurnedAway, metrics: HttpMetrics | None
) -> uvicorn.Config:
    application = Starlette(routes=routes)
    # A redirect to the path with a slash would build an address from whatever Host a caller sends.
    application.router.redirect_slashes = False
    return uvicorn.Config(
        Observed(Bounds(application, limits, turned_away), routes, metrics),
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",  # it logs a line a caller; `TurnedAway` counts them
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        h11_max_incomplete_event_size=limits.head_bytes,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )


async def _end(server: uvicorn.Server) -> None:
    """Close what outlasted its time, and wait for requests that were ended."""
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    if tasks := set(server.server_state.tasks):
        await asyncio.wait(tasks, timeout=REQUEST_SECONDS)


async def _listen(host: str, port: int) -> list[socket.socket]:
    """Take the address, before uvicorn would end the process where it is taken."""
    opened: list[socket.socket] = []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            one = socket.socket(family, socket.SOCK_STREAM)
            opened.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(_BACKLOG)  # only this tells of an address that another process listens at
    except OSError as error:
        for one in opened:
            one.close()
        # Codes of getaddrinfo are no errno; their text is good as it is.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise UserError(
            f"Requests cannot be answered at {host}:{port} ({reason}). "
            "Choose another address with PAPERCLUB_HOST and PAPERCLUB_PORT."
        ) from None
    return opened


def _within_open_files(limits: Limits) -> Limits:
    """Raise the limit of open files as far as the connections need, or lower theirs to what there is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limits
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    room, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return replace(limits, connections=max(room - _OTHER_FILES, room // 2))
