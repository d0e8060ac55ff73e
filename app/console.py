"""Puts the bot together with the console as its surface, for commands that show or post there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.console import CONSOLE
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen
from adapters.console.outbound.surface import ConsoleSurface
from app.clock import SystemClock
from app.settings import Settings
from app.surface_setup import Opening
from app.wiring import Parts, assembled, console_record
from bot.ports.metrics import Metrics


@asynccontextmanager
async def at_console(
    settings: Settings,
    screen: Screen,
    *,
    opening: Opening | None = None,
    samples: bool = False,
    metrics: Metrics | None = None,
) -> AsyncIterator[tuple[Parts, ConsoleSurface]]:
    """Yield the bot's parts and a console surface that writes to `screen`.

    The other arguments mean the same as for `assembled`.
    """
    clock = SystemClock()
    surface = ConsoleSurface(History(console_record(settings)), screen, clock)
    async with assembled(
        settings, {CONSOLE: surface}, clock, opening=opening, samples=samples, metrics=metrics
    ) as parts:
        yield parts, surface
