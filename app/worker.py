"""The worker's loop: plan what is due, send what is planned, sleep until the next."""

import logging
import secrets
from datetime import datetime, timedelta

from bot.delivery import Delivery
from bot.planning import DigestPlanner
from bot.ports import Clock, Library, Wakeup
from bot.repositories import Store

LONGEST_SLEEP = 30.0
"""Seconds after which the loop looks again unasked, so that a lost ring or a clock set anew costs little."""
PAUSE_AFTER_FAILURE = 5.0
"""Seconds between a round that failed and the next."""
NEWS_AT_ONCE = 100
EVENTS_KEPT_FOR = timedelta(days=14)
"""Longer than any platform delivers an event again."""
_log = logging.getLogger(__name__)


class Worker:
    """Posts what is due."""

    def __init__(
        self,
        store: Store,
        library: Library,
        planner: DigestPlanner,
        delivery: Delivery,
        *,
        wakeup: Wakeup,
        clock: Clock,
    ) -> None:
        """Take the parts that the loop turns."""
        self._store = store
        self._library = library
        self._planner = planner
        self._delivery = delivery
        self._wakeup = wakeup
        self._clock = clock
        self.last_round: datetime | None = None
        """When the loop last came round, for health checks."""
        self._swept: datetime | None = None

    async def run(self) -> None:
        """Work until cancelled, and then let end what is under way.

        A round that fails is logged, and the next one tries again.
        """
        try:
            while True:
                await self._wakeup.wait(await self._round())
        finally:
            await self._end()

    async def _round(self) -> float:
        """Do all that is due; how many seconds the next round may wait."""
        try:
            await self.work_off()
            pause = await self._pause()
        except Exception:  # noqa: BLE001 - the edge: whatever a round fails of, the next is tried
            _log.exception("Reference %s: a round of the worker failed", secrets.token_hex(4))
            return PAUSE_AFTER_FAILURE
        self.last_round = self._clock.now()
        return pause

    async def _end(self) -> None:
        try:
            await self._delivery.drain()
        except Exception:  # noqa: BLE001 - the edge: leases that are not handed back run out
            _log.exception("Reference %s: the leases were not handed back", secrets.token_hex(4))

    async def work_off(self) -> None:
        """Read what other processes took in; then plan and send, by turns, until nothing is due any more."""
        await self._library.refresh()
        await self._sweep()
        while await self._planner.plan_due():
            await self._delivery.deliver()
        await self._plan_news()
        await self._delivery.deliver()

    async def _plan_news(self) -> None:
        async with self._store.reading() as tx:
            untold = await tx.news.untold()
        if untold:
            async with self._store.writing() as tx:
                await tx.news.plan(self._clock.now(), NEWS_AT_ONCE)

    async def _sweep(self) -> None:
        """Once a day, drop what is no longer of use."""
        now = self._clock.now()
        if self._swept is None or now - self._swept >= timedelta(days=1):
            async with self._store.writing() as tx:
                await tx.views.sweep(now)
                await tx.inbox.sweep(now - EVENTS_KEPT_FOR)
                await tx.oauth_states.sweep(now)
            self._swept = now

    async def _pause(self) -> float:
        async with self._store.reading() as tx:
            times = [await tx.schedule.next_due(), await tx.outbox.next_due(self._delivery.platforms)]
        seconds = [(time - self._clock.now()).total_seconds() for time in times if time is not None]
        return min([LONGEST_SLEEP, *(max(each, 0.0) for each in seconds)])
