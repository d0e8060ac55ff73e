"""After a restore: what was posted since the backup is not posted again.

The database does not know what happened after its backup. The platforms can be asked for what it still knows
of: each open post, by its token. Digests that were planned since are lost, with their tokens. So slots
that have passed are not made up for, and papers that arrived until now are left to people.
"""

from dataclasses import dataclass

from bot.ports.clock import Clock
from bot.ports.store.store import Store
from bot.posting.due_times import move_on

NUMBERS_SKIPPED = 100_000
"""More than any table grows by between a backup and its restore."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was found open."""

    posts: int
    """Those that are looked for on their platforms before they are sent."""
    slots: int
    """Those whose time had passed, and that wait for the next."""
    news: int
    """Those that are taken for told."""


async def after_restore(store: Store, clock: Clock) -> Restored:
    """Prepare a restored database for the bot; nothing may run on it meanwhile. Twice is once."""
    now = clock.now()
    async with store.writing() as tx:
        posts = await tx.restores.mark_posts_unknown(now)
        news = await tx.restores.mark_news_delivered()
        await tx.restores.skip_ids(NUMBERS_SKIPPED)
        await tx.restores.record(now, now.date())
        passed = [due for due in await tx.schedule.all() if due.due <= now]
        await move_on(tx, [(due.channel.id, due.slot) for due in passed], now)
    return Restored(posts, len(passed), news)
