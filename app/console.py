"""The bot with the console as its surface, for the commands that show or post something there."""

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
    """Put the bot together with a screen to write on; the other arguments are as for `assembled`."""
    clock = SystemClock()
    surface = ConsoleSurface(History(console_record(settings)), screen, clock)
    async with assembled(
        settings, {CONSOLE: surface}, clock, opening=opening, samples=samples, metrics=metrics
    ) as parts:
        yield parts, surface
