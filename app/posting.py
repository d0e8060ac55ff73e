"""Posting today's digests ahead of their time, and saying when they are due."""

from adapters.console.outbound.screen import Screen, terminal
from app.console import at_console
from app.settings import Settings
from app.surfaces import opening, surfaces_set_up
from app.todays import NOBODY, named, post_todays
from app.wiring import assembled
from bot.protocol.wording import past_text


async def post_now(settings: Settings) -> list[str]:
    """Post the digest of today of every channel; a line a channel and slot says what came of it."""
    surfaces = opening(surfaces_set_up(settings), settings)
    async with at_console(settings, Screen(terminal()), opening=surfaces) as (parts, _):
        await parts.library.refresh()
        return await post_todays(parts)


async def due_lines(settings: Settings) -> list[str]:
    """When each channel's digest is due next."""
    async with assembled(settings, {}) as parts, parts.store.reading() as tx:
        slots = await tx.schedule.all()
    return [f"{named(each)}: next on {past_text(each.due, each.slot.timezone)}" for each in slots] or [NOBODY]
