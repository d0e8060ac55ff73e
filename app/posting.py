"""`paperclub digest`: posts today's digests now, or says when each is due."""

from adapters.console.outbound.screen import Screen, terminal
from app.console import at_console
from app.settings import Settings
from app.surfaces import opening, surfaces_set_up
from app.todays import NOBODY, named, post_todays
from app.wiring import assembled
from bot.protocol.wording import past_text


async def post_now(settings: Settings) -> list[str]:
    """Post today's digests in every channel. Returns a line a slot that says what happened."""
    surfaces = opening(surfaces_set_up(settings), settings)
    async with at_console(settings, Screen(terminal()), opening=surfaces) as (parts, _):
        await parts.library.refresh()
        return await post_todays(parts)


async def due_lines(settings: Settings) -> list[str]:
    """Return a line a slot that says when its next digest is due."""
    async with assembled(settings, {}) as parts, parts.store.reading() as tx:
        slots = await tx.schedule.all()
    return [f"{named(each)}: next on {past_text(each.due, each.slot.timezone)}" for each in slots] or [NOBODY]
