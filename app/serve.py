"""`paperclub run`: what its role asks of a process, and health over HTTP, until stopped."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from adapters.console.screen import Screen, terminal
from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
from app.console import at_console
from app.http.server import served
from app.logs import log_to_stderr
from app.platforms import at_platforms
from app.roles import Role
from app.settings import Settings
from app.wiring import Parts
from app.worker import LONGEST_SLEEP
from bot.errors import UserError
from bot.models import Platform

REDRAW_SECONDS = 5.0
"""How long the last redraws may take when the process stops."""
_STALE = timedelta(seconds=4 * LONGEST_SLEEP)
_log = logging.getLogger(__name__)
_Adapters = Mapping[Platform, SlackAdapter | DiscordAdapter]


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
        platforms = await stack.enter_async_context(at_platforms(settings, listens=role.listens))
        if role is Role.GATEWAY and not platforms.surfaces:
            raise UserError("A gateway listens to Slack or Discord, and neither is set up.")
        parts, _ = await stack.enter_async_context(
            at_console(settings, Screen(terminal()), platforms.surfaces)
        )
        platforms.use(parts)
        parts.embedder.warm()
        await parts.library.refresh()
        adapters = platforms.adapters(parts) if role.listens else {}
        routes = _health(settings, role, parts, adapters)
        for adapter in adapters.values():
            routes += adapter.routes
        await stack.enter_async_context(served(settings.host, settings.port, routes))
        stack.push_async_callback(_last_redraws, parts)
        for adapter in adapters.values():
            await stack.enter_async_context(adapter.listening())
        _log.info("%s; health at http://%s:%s/healthz", _doing(role), settings.host, settings.port)
        if role is not Role.ALL and not settings.redis_url:
            _log.warning("PAPERCLUB_REDIS_URL is not set: processes hear of each other half a minute late")
        stop = asyncio.Event()
        _when_asked_to_stop(stop.set)
        await work_until(stop, parts, role=role, fetching=settings.ingest_minutes > 0)


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
            await parts.voting.settle()


def _doing(role: Role) -> str:
    match role:
        case Role.ALL:
            return "Listening, and posting what is due"
        case Role.WORKER:
            return "Posting what is due; it listens to nobody"
        case Role.GATEWAY:
            return "Listening; what is due is left to workers"


def _health(settings: Settings, role: Role, parts: Parts, adapters: _Adapters) -> list[BaseRoute]:
    """Tell what the process does, and whether its loop has come round of late."""
    loop = parts.worker if role.works else parts.follower

    async def healthz(_: Request) -> JSONResponse:
        last = loop.last_round
        alive = last is not None and parts.clock.now() - last < _STALE
        told: dict[str, Any] = {"alive": alive, "role": role, "last_round": last and last.isoformat()}
        if role.works:
            told |= {"posts": True, "fetches": settings.ingest_minutes > 0}
        for platform, adapter in adapters.items():
            told[platform] = "connected" if await adapter.is_connected() else "not connected"
        return JSONResponse(told, 200 if alive else 503)

    return [Route("/healthz", healthz)]
