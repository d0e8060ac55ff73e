"""The worker's loops: one plans due digests, the other sends posts. Each sleeps until there is work."""

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
"""The most seconds that a loop sleeps. A lost wake-up, or a clock that was set, costs no more than this."""
PAUSE_AFTER_FAILURE = 5.0
"""Seconds between a round that failed and the next one."""
NEWS_AT_ONCE = 100
TELLS_EVERY = 3600.0
"""Seconds between attempts to notify people of failed posts that nobody could be notified of before."""
EVENTS_KEPT_FOR = timedelta(days=14)
"""No platform delivers an event again after so long a time."""
_log = logging.getLogger(__name__)


class Worker:
    """Plans and sends posts when they are due."""

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
        self._store = store
        self._library = library
        self._planner = planner
        self._delivery = delivery
        self._wakeup = wakeup
        self._clocks = clocks
        self._to_plan = asyncio.Event()
        self.rounds: dict[str, datetime] = {}
        """When the last successful round of each loop ended."""
        self._swept: datetime | None = None

    @property
    def last_round(self) -> datetime | None:
        """The older of the two loops' last rounds, for health checks; None until both had one."""
        return min(self.rounds.values()) if len(self.rounds) == LOOPS else None

    async def run(self) -> None:
        """Work until cancelled. Then wait a short while for the posts that are being sent.

        Planning never waits for sending, nor sending for planning. A round that fails is logged, and the next
        one tries again.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen())
                group.create_task(self._sync_clocks())
                group.create_task(self._notify())
                group.create_task(self._encode_anew())
                group.create_task(self._repeat("planning", self._plan_round, self._to_plan))
                group.create_task(self._repeat("sending", self._send_round, self._delivery.work_available))
        finally:
            await self._drain()

    async def _listen(self) -> None:
        """Wake both loops when another process wakes this one."""
        while True:
            if await self._wakeup.wait(LONGEST_SLEEP):
                self._to_plan.set()
                self._delivery.work_available.set()

    async def _sync_clocks(self) -> None:
        """Ask each platform for its time, again and again. Without it nothing is posted there."""
        while True:
            known = len(self._clocks.ready)
            try:
                await self._clocks.sync()
            except Exception:  # noqa: BLE001 - the edge: whatever the error, we ask again
                _log.exception(
                    "Reference %s: could not ask the platforms for their time", secrets.token_hex(4)
                )
            if len(self._clocks.ready) > known:
                self._to_plan.set()
                self._delivery.work_available.set()
            await asyncio.sleep(LONGEST_SLEEP)

    async def _notify(self) -> None:
        """Notify people of failed posts that nobody could be notified of before. No post waits for this."""
        while True:
            try:
                await self._delivery.retry_notifications()
            except Exception:  # noqa: BLE001 - the edge: whatever the error, we try again
                _log.exception("Reference %s: could not notify people of failed posts", secrets.token_hex(4))
            await asyncio.sleep(TELLS_EVERY)

    async def _encode_anew(self) -> None:
        """Encode papers whose stored vectors are an earlier release's, until none is left."""
        left = True
        while left:
            try:
                left = await self._library.encode_anew()
            except Exception:  # noqa: BLE001 - the edge: whatever the error, we try again
                _log.exception("Reference %s: could not encode papers anew", secrets.token_hex(4))
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
        self._to_plan.set()

    async def _repeat(self, name: str, work: Callable[[], Awaitable[float]], woken: asyncio.Event) -> None:
        """Repeat `work`. In between, sleep for as many seconds as it returns, or until `woken` is set."""
        while True:
            woken.clear()
            try:
                pause = await work()
                self.rounds[name] = self._clocks.ours.now()
            except Exception:  # noqa: BLE001 - the edge: whatever the error, the next round tries again
                _log.exception("Reference %s: a round of %s failed", secrets.token_hex(4), name)
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(max(pause, MIN_PAUSE), LONGEST_SLEEP)):
                    await woken.wait()

    async def _drain(self) -> None:
        try:
            await self._delivery.drain()
        except Exception:  # noqa: BLE001 - the edge: leases that are not released end by themselves
            _log.exception("Reference %s: could not release the leases", secrets.token_hex(4))

    async def work_off(self) -> None:
        """Read what other processes added. Then plan and send until nothing is due."""
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
        """At the start and once a day, delete old records, and queue posts that are in no queue."""
        now = self._clocks.best()
        if self._swept is None or now - self._swept >= timedelta(days=1):
            async with self._store.writing() as tx:
                await tx.result_lists.sweep(now)
                await tx.accounts.sweep(now)
                await tx.inbox.sweep(now - EVENTS_KEPT_FOR)
                await tx.reactions.sweep(now - EVENTS_KEPT_FOR)
                await tx.outbox.requeue_orphans(now)
            self._swept = now
