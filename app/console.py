"""The bot with the console as its surface, for the commands that show or post something there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen
from adapters.console.outbound.surface import ConsoleSurface
from app.clock import SystemClock
from app.settings import Settings
from app.wiring import Parts, assembled, console_record
from bot.domain.channel import Platform
from bot.ports.surface import Surface


@asynccontextmanager
async def at_console(
    settings: Settings,
    screen: Screen,
    others: Mapping[Platform, Surface] = MappingProxyType({}),
    *,
    samples: bool = False,
) -> AsyncIterator[tuple[Parts, ConsoleSurface]]:
    """Put the bot together with a screen to write on, beside other surfaces; `samples` as for `assembled`."""
    clock = SystemClock()
    surface = ConsoleSurface(History(console_record(settings)), screen, clock)
    surfaces = {Platform.CONSOLE: surface, **others}
    async with assembled(settings, surfaces, clock, samples=samples) as parts:
        yield parts, surface
