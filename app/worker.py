"""The worker's loops: one plans what is due, one sends what is planned; each sleeps until there is more."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.ports.coordination import Wakeup
from bot.ports.library import Library
from bot.ports.store.store import Store
from bot.posting.clocks import Clocks
from bot.posting.delivery import MIN_PAUSE, Delivery
from bot.posting.planner import DigestPlanner

LOOPS = 2
LONGEST_SLEEP = 30.0
"""Seconds after which a loop looks again unasked, so that a lost ring or a clock set anew costs little."""
PAUSE_AFTER_FAILURE = 5.0
"""Seconds between a round that failed and the next."""
NEWS_AT_ONCE = 100
TELLS_EVERY = 3600.0
"""Seconds after which it is tried again to tell of what was given up while nobody could be told."""
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
        clocks: Clocks,
    ) -> None:
        """Take the parts that the loop turns."""
        self._store = store
        self._library = library
        self._planner = planner
        self._delivery = delivery
        self._wakeup = wakeup
        self._clocks = clocks
        self._to_plan = asyncio.Event()
        self.rounds: dict[str, datetime] = {}
        """When each loop has come round last."""
        self._swept: datetime | None = None

    @property
    def last_round(self) -> datetime | None:
        """When both loops have come round, for health checks."""
        return min(self.rounds.values()) if len(self.rounds) == LOOPS else None

    async def run(self) -> None:
        """Work until cancelled, and then let end what is under way.

        What is planned waits for nothing that is sent, nor the other way round. A round that fails is logged,
        and the next one tries again.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                group.create_task(self._learn_times())
                group.create_task(self._notify())
                group.create_task(self._keep_on("planning", self._plan_round, self._to_plan))
                group.create_task(self._keep_on("sending", self._send_round, self._delivery.work_available))
        finally:
            await self._end()

    async def _listen(self) -> None:
        """Pass rings on to both loops."""
        while True:
            if await self._wakeup.wait(LONGEST_SLEEP):
                self._to_plan.set()
                self._delivery.work_available.set()

    async def _learn_times(self) -> None:
        """Have each platform tell its time: nothing is posted to it before."""
        while True:
            known = len(self._clocks.ready)
            try:
                await self._clocks.sync()
            except Exception:  # noqa: BLE001 - the edge: whatever it fails of, it is asked again
                _log.exception("Reference %s: no platform was asked for its time", secrets.token_hex(4))
            if len(self._clocks.ready) > known:
                self._to_plan.set()
                self._delivery.work_available.set()
            await asyncio.sleep(LONGEST_SLEEP)

    async def _notify(self) -> None:
        """Tell of what was given up while nobody could be told; no post waits for that."""
        while True:
            try:
                await self._delivery.retry_notifications()
            except Exception:  # noqa: BLE001 - the edge: whatever it fails of, it is tried again
                _log.exception("Reference %s: nobody was told again", secrets.token_hex(4))
            await asyncio.sleep(TELLS_EVERY)

    async def _keep_on(self, name: str, work: Callable[[], Awaitable[float]], rung: asyncio.Event) -> None:
        """Work, and again as soon as there is more to do, which the work itself or a ring says."""
        while True:
            rung.clear()
            try:
                pause = await work()
                self.rounds[name] = self._clocks.ours.now()
            except Exception:  # noqa: BLE001 - the edge: whatever a round fails of, the next is tried
                _log.exception("Reference %s: a round of %s failed", secrets.token_hex(4), name)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(max(pause, MIN_PAUSE), LONGEST_SLEEP)):
                    await rung.wait()

    async def _end(self) -> None:
        try:
            await self._delivery.drain()
        except Exception:  # noqa: BLE001 - the edge: leases that are not handed back run out
            _log.exception("Reference %s: the leases were not handed back", secrets.token_hex(4))

    async def work_off(self) -> None:
        """Read what other processes took in; then plan and send until nothing is due any more."""
        await self._clocks.sync()
        await self._plan()
        await self._delivery.deliver()

    async def _plan_round(self) -> float:
        await self._plan()
        pause = await self._planner.next_due()
        return LONGEST_SLEEP if pause is None else pause

    async def _send_round(self) -> float:
        while await self._delivery.start_due():
            pass
        pause = await self._delivery.seconds_until_due()
        return LONGEST_SLEEP if pause is None else pause

    async def _plan(self) -> None:
        await self._library.refresh()
        await self._sweep()
        await self._planner.plan_due()
        await self._plan_news()

    async def _plan_news(self) -> None:
        async with self._store.reading() as tx:
            pending = await tx.news.is_pending()
        if pending:
            async with self._store.writing() as tx:
                await tx.news.plan(self._clocks.best(), NEWS_AT_ONCE)
            await self._wakeup.wake()

    async def _sweep(self) -> None:
        """At the start and once a day, drop what is no longer of use, and find what nobody would send."""
        now = self._clocks.best()
        if self._swept is None or now - self._swept >= timedelta(days=1):
            async with self._store.writing() as tx:
                await tx.result_lists.sweep(now)
                await tx.accounts.sweep(now)
                await tx.inbox.sweep(now - EVENTS_KEPT_FOR)
                await tx.reactions.sweep(now - EVENTS_KEPT_FOR)
                await tx.outbox.requeue_orphans(now)
            self._swept = now
