"""Posts today's digests before they are due."""

from app.wiring import Parts
from bot.domain.subscription import DueSlot

NOBODY = "No channel is subscribed to anything yet. Begin with `subscribe TOPIC` in `paperclub chat`."


async def post_todays(parts: Parts, channel: str | None = None) -> list[str]:
    """Post today's digests, in one channel or in all. Returns a line a slot that says what happened."""
    await parts.clocks.sync()
    async with parts.store.reading() as tx:
        slots = await tx.schedule.all()
    wanted = (due for due in slots if channel in {None, due.channel.external_id})
    lines = [f"{named(due)}: {await _post(parts, due)}" for due in wanted]
    await parts.worker.work_off()
    return lines or [NOBODY]


async def _post(parts: Parts, due: DueSlot) -> str:
    if due.channel.platform not in parts.clocks.platforms:
        return "left alone, as this process cannot post there"
    if due.channel.platform not in parts.clocks.ready:
        return "left for later, as the platform does not answer"
    return "posted now" if await parts.planner.plan_now(due) else "nothing to post"


def named(due: DueSlot) -> str:
    """Return the channel and the time of a slot: `#nlp at 09:00 Europe/Paris`."""
    return f"{due.channel.name} at {due.slot.at:%H:%M} {due.slot.timezone}"
