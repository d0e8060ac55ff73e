"""Prepares a restored database, so that nothing posted since the backup is posted again.

The database knows nothing of what happened after its backup. For a post that was open then, the platform
can be asked by the post's token. Digests planned later are lost, and their tokens with them. So missed slots
are skipped, and no digest posts papers that arrived before the restore.
"""

from dataclasses import dataclass

from bot.ports.clock import Clock
from bot.ports.store.store import Store
from bot.posting.due_times import advance_slots

NUMBERS_SKIPPED = 100_000
"""More rows than any table gains between a backup and its restore.

Messages posted in that time carry paper numbers (`#57`), which must not name another paper now.
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore found open, as counts."""

    posts: int
    """Open posts. Each is looked for on its platform before it is sent."""
    slots: int
    """Slots whose time had passed. They wait for their next time."""
    news: int
    """News marked as delivered, because it may have been."""


async def after_restore(store: Store, clock: Clock) -> Restored:
    """Prepare a restored database. No process may use it meanwhile. Calling it twice is safe."""
    now = clock.now()
    async with store.writing() as tx:
        posts = await tx.restores.mark_posts_unknown(now)
        news = await tx.restores.mark_news_delivered()
        await tx.restores.skip_ids(NUMBERS_SKIPPED)
        await tx.restores.record(now, now.date())
        passed = [due for due in await tx.schedule.all() if due.due <= now]
        await advance_slots(tx, [(due.channel.id, due.slot) for due in passed], now)
    return Restored(posts, len(passed), news)
