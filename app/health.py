"""The health checks of `paperclub run` over HTTP: whether it is alive, and whether it can do its work."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from adapters.console import CONSOLE
from app.roles import Role
from app.surface_setup import Adapter
from app.wiring import Parts
from app.worker import LONGEST_SLEEP
from bot.domain.channel import Platform

STALE = timedelta(seconds=4 * LONGEST_SLEEP)
"""A loop whose last round is longer ago than this counts as stuck."""
_DATABASE = {True: "answers", False: "does not answer"}
Adapters = Mapping[Platform, Adapter]


def health(role: Role, parts: Parts, adapters: Adapters, *, fetches: bool) -> list[BaseRoute]:
    """Return the two routes.

    `/healthz` answers 200 while the process's loops keep running. On 503 the process should be restarted.
    `/readyz` answers 200 while the process can do all its work. On 503 something that it needs, such as a
    platform or the database, does not answer. The process tries again by itself.
    """

    async def healthz(_: Request) -> JSONResponse:
        alive, body = _loops(role, parts, fetches=fetches)
        body = {"alive": alive, "role": role} | body | await _listening(adapters)
        return JSONResponse(body, 200 if alive else 503)

    async def readyz(_: Request) -> JSONResponse:
        alive, body = _loops(role, parts, fetches=fetches)
        listening, answers = await _listening(adapters), await parts.store.answers()
        clocks = _clocks(parts) if role.works else {}
        fine = all(each == "connected" for each in listening.values())
        ready = alive and fine and answers and "not known" not in clocks.values()
        body = {"ready": ready, "role": role, "database": _DATABASE[answers]} | body | listening | clocks
        return JSONResponse(body, 200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _loops(role: Role, parts: Parts, *, fetches: bool) -> tuple[bool, dict[str, Any]]:
    """Return whether the loops run, and when the last round of each ended."""
    loop = parts.worker if role.works else parts.follower
    last = loop.last_round
    alive = last is not None and parts.clock.now() - last < STALE
    body: dict[str, Any] = {"last_round": _shown(last)}
    if role.works:
        body |= {each: _shown(parts.worker.rounds.get(each)) for each in ("planning", "sending")}
        body["fetching"] = _shown(parts.ingest.last_round) if fetches else "switched off"
    return alive, body


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


async def _listening(adapters: Adapters) -> dict[str, str]:
    return {str(platform): await adapter.state() for platform, adapter in adapters.items()}


def _clocks(parts: Parts) -> dict[str, str]:
    """Return for each platform whether we know its time. Until we do, nothing is posted there."""
    ready = parts.clocks.ready
    return {
        f"time of {platform}": "known" if platform in ready else "not known"
        for platform in parts.clocks.platforms
        if platform != CONSOLE
    }
