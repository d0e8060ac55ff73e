"""`paperclub run`: what its role asks of a process, and health over HTTP, until stopped."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from adapters.console.outbound.screen import Screen, terminal
from app.console import at_console
from app.doors import doors
from app.health import health
from app.http.server import served
from app.logs import log_to_stderr
from app.metrics.assembling import metrics_route_of, new_metrics
from app.roles import Role
from app.settings import Settings
from app.surface_setup import SurfaceSetup
from app.surfaces import SURFACES, check_tokens, none_set_up, opening, surfaces_set_up
from app.wiring import Parts
from bot.domain.errors import UserError

REDRAW_SECONDS = 5.0
"""How long the last redraws may take when the process stops."""
_log = logging.getLogger(__name__)


async def serve(settings: Settings, role: Role) -> int:
    """Do what the role asks for until the process is asked to stop."""
    log_to_stderr(logging.INFO)
    serving = asyncio.create_task(_serve(settings, role))
    _when_asked_to_stop(serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        _log.info("Stopped before it had begun")
    return 0


def _when_asked_to_stop(act: Callable[[], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, act)


async def _serve(settings: Settings, role: Role) -> None:
    async with AsyncExitStack() as stack:
        set_up = surfaces_set_up(settings, listens=role.listens)
        if role is Role.GATEWAY and not set_up:
            names = " or ".join(each.label for each in SURFACES)
            raise UserError(f"A gateway listens to {names}, and none is set up.")
        await check_tokens(set_up, settings, listens=role.listens)
        metrics = new_metrics()
        parts, _ = await stack.enter_async_context(
            at_console(settings, Screen(terminal()), opening=opening(set_up, settings), metrics=metrics)
        )
        parts.embedder.warm()
        await parts.library.refresh()
        adapters = parts.adapters() if role.listens else {}
        fetches = settings.ingest_minutes > 0
        routes = health(role, parts, adapters, fetches=fetches)
        routes.append(metrics_route_of(metrics, parts, settings))
        for adapter in adapters.values():
            routes += adapter.routes
        if role.listens:
            routes += doors(settings, parts, adapters.values())
        port = await stack.enter_async_context(served(settings.host, settings.port, routes, metrics=metrics))
        stack.push_async_callback(_last_redraws, parts)
        for adapter in adapters.values():
            await stack.enter_async_context(adapter.listening())
        _log.info("%s; health at http://%s:%s/healthz", doing(role, set_up), settings.host, port)
        if role is not Role.ALL and not settings.redis_url:
            _log.warning("PAPERCLUB_REDIS_URL is not set: processes hear of each other half a minute late")
        stop = asyncio.Event()
        _when_asked_to_stop(stop.set)
        await work_until(stop, parts, role=role, fetching=fetches)


async def work_until(
    stop: asyncio.Event, parts: Parts, *, role: Role = Role.WORKER, fetching: bool = False
) -> None:
    """Post what is due, and fetch papers if asked to, until asked to stop; then end in order.

    A gateway only follows what others take in. Where a loop fails, which none should, so does this.
    """
    loops = [parts.worker.run()] if role.works else [parts.follower.run()]
    if role.works and fetching:
        loops.append(parts.ingest.run())
    async with asyncio.TaskGroup() as group:
        working = [group.create_task(loop) for loop in loops]
        await stop.wait()
        _log.info("Stopping")
        for task in working:
            task.cancel()


async def _last_redraws(parts: Parts) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REDRAW_SECONDS):
            await parts.tally_updates.settle()


def doing(role: Role, set_up: Sequence[SurfaceSetup]) -> str:
    """Say in a line what a process does."""
    names = " and ".join(each.label for each in set_up)
    if not names:
        return f"Posting on the console what is due; nobody is heard, as {none_set_up()}"
    match role:
        case Role.ALL:
            return f"Listening to {names}, and posting what is due"
        case Role.WORKER:
            return "Posting what is due; it listens to nobody"
        case Role.GATEWAY:
            return f"Listening to {names}; what is due is left to workers"
