"""`paperclub run`: the surfaces that are set up, the worker, and health over HTTP, until stopped."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from aiohttp import web

from adapters.console.screen import Screen, terminal
from app.console import at_console
from app.platforms import at_platforms
from app.settings import Settings
from app.wiring import Parts
from app.worker import LONGEST_SLEEP
from bot.errors import UserError

_STALE = timedelta(seconds=4 * LONGEST_SLEEP)
_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> int:
    """Work until the process is asked to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        platforms = await stack.enter_async_context(at_platforms(settings))
        parts, _ = await stack.enter_async_context(
            at_console(settings, Screen(terminal()), platforms.surfaces)
        )
        parts.embedder.warm()
        await parts.library.refresh()
        slack, discord = platforms.adapters(parts)
        await stack.enter_async_context(_served(settings, parts, [] if slack is None else slack.routes))
        for adapter in (slack, discord):
            if adapter is not None:
                await stack.enter_async_context(adapter.listening())
        _log.info("Posting what is due; health at http://%s:%s/healthz", settings.host, settings.port)
        await work_until(stop, parts, fetching=settings.ingest_minutes > 0)
    return 0


@asynccontextmanager
async def _served(settings: Settings, parts: Parts, routes: Sequence[web.RouteDef]) -> AsyncIterator[None]:
    application = _health(parts)
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await _listen(runner, settings)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise UserError(
            f"Requests cannot be answered at {settings.host}:{settings.port} ({reason}). "
            "Choose another address with PAPERCLUB_HOST and PAPERCLUB_PORT."
        ) from None


async def work_until(stop: asyncio.Event, parts: Parts, *, fetching: bool = False) -> None:
    """Post what is due, and fetch papers if asked to, until asked to stop; then end in order."""
    working = [asyncio.create_task(parts.worker.run())]
    if fetching:
        working.append(asyncio.create_task(parts.ingest.run()))
    await stop.wait()
    _log.info("Stopping")
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)


def _health(parts: Parts) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        last = parts.worker.last_round
        alive = last is not None and parts.clock.now() - last < _STALE
        return web.json_response(
            {"alive": alive, "last_round": last and last.isoformat()}, status=200 if alive else 503
        )

    application = web.Application()
    application.router.add_get("/healthz", healthz)
    return application
