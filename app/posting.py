"""Posting today's digests ahead of their time, and saying when they are due."""

from adapters.console.screen import Screen, terminal
from app.console import at_console
from app.platforms import at_platforms
from app.settings import Settings
from app.wiring import Parts, assembled
from bot.models import DueSlot
from bot.wording import past_text

NOBODY = "No channel is subscribed to anything yet. Begin with `subscribe TOPIC` in `paperclub chat`."


async def post_now(settings: Settings) -> list[str]:
    """Post the digest of today of every channel; a line a channel and slot says what came of it."""
    async with (
        at_platforms(settings) as platforms,
        at_console(settings, Screen(terminal()), platforms.surfaces) as (parts, _),
    ):
        platforms.use(parts)
        await parts.library.refresh()
        return await post_todays(parts)


async def post_todays(parts: Parts, channel: str | None = None) -> list[str]:
    """Plan and send what today's digests hold, of one channel or of all."""
    await parts.clocks.learn()
    async with parts.store.reading() as tx:
        slots = await tx.schedule.all()
    wanted = (due for due in slots if channel in {None, due.channel.external_id})
    lines = [f"{_named(due)}: {await _post(parts, due)}" for due in wanted]
    await parts.worker.work_off()
    return lines or [NOBODY]


async def _post(parts: Parts, due: DueSlot) -> str:
    if due.channel.platform not in parts.clocks.platforms:
        return "left alone, as this process cannot post there"
    if due.channel.platform not in parts.clocks.ready:
        return "left for later, as the platform does not answer"
    return "posted now" if await parts.planner.plan_now(due) else "nothing to post"


async def due_lines(settings: Settings) -> list[str]:
    """When each channel's digest is due next."""
    async with assembled(settings, {}) as parts, parts.store.reading() as tx:
        slots = await tx.schedule.all()
    return [f"{_named(each)}: next on {past_text(each.due, each.slot.timezone)}" for each in slots] or [
        NOBODY
    ]


def _named(due: DueSlot) -> str:
    return f"{due.channel.name} at {due.slot.at:%H:%M} {due.slot.timezone}"
