"""Plans digests: one per channel, slot and local date."""

import logging
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.channel import Channel, Platform
from bot.domain.post import DigestItem, DigestKind, DigestPlan
from bot.domain.schedule import latest_date
from bot.domain.subscription import DueSlot, Subscription, Weekday
from bot.ports.coordination import Wakeup
from bot.ports.search import Search
from bot.ports.store.store import Store, Transaction
from bot.posting.clocks import Clocks
from bot.posting.digest import recent_runs, source_warning
from bot.posting.due_times import advance_slots, days_of, load_subscriptions_at, reschedule, subscriptions_at
from bot.posting.matcher import TopicMatcher, TopicQuery, assign_papers

QUIET_INTERVAL = timedelta(days=7)
"""A channel without new papers for this long gets a post that says so."""
RETRY_AFTER = timedelta(minutes=10)
"""A slot that could not be planned is tried again after this."""
AT_ONCE = 250
"""Slots planned in one transaction, at most. With more, votes would wait for it on SQLite."""
LEASE_SECONDS = 60.0
"""A process has this long to plan the slots it claimed; then another process may claim them."""
MAX_CLOCK_SKEW = timedelta(hours=1)
"""How far the clocks of two processes may differ. A slot computed further ahead of us than this was computed
by a clock that ran ahead and was set back since."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    """A due slot, the local date of its digest, and the subscriptions to plan for."""

    slot: DueSlot
    local_date: date
    subscriptions: Sequence[Subscription]
    """Only those that post on that date."""


class DigestPlanner:
    """Turns due slots into planned digests, and subscriptions into previews."""

    def __init__(
        self,
        store: Store,
        search: Search,
        clocks: Clocks,
        wakeup: Wakeup,
        single: Collection[Platform] = (),
    ) -> None:
        """Plan for the platforms that are ready by `clocks`; other processes plan for the others.

        On the `single` platforms a digest is one post.
        """
        self._store = store
        self._search = search
        self._clocks = clocks
        self._wakeup = wakeup
        self._single = frozenset(single)

    async def plan_due(self) -> int:
        """Plan a digest for every due slot, and return how many slots were handled.

        A slot that fails is logged and postponed, so that it delays no other.
        """
        handled = 0
        for platform in self._clocks.ready:
            await self._recompute_skewed(platform)
            matcher = self._matcher(platform)
            while due := await self._claim(platform):
                for batch in _one_per_channel(due):
                    await self._plan_each(batch, matcher)
                await self._wakeup.wake()
                handled += len(due)
        return handled

    async def next_due(self) -> float | None:
        """Return the seconds until a slot can be claimed here; None if there is no slot to wait for."""
        pauses = []
        async with self._store.reading() as tx:
            for platform in self._clocks.ready:
                due = await tx.schedule.next_due([platform])
                if due is not None:
                    pauses.append((due - self._clocks.now(platform)).total_seconds())
        return min(pauses, default=None)

    async def plan_now(self, due: DueSlot) -> bool:
        """Plan today's digest of a slot ahead of its time.

        Returns False if today has a digest already, or if no paper matches.
        """
        now = self._clocks.now(due.channel.platform)
        today = now.astimezone(ZoneInfo(due.slot.timezone)).date()
        async with self._store.reading() as tx:
            posting = await load_subscriptions_at(tx, due.channel.id, due.slot)
        items = await self.preview(due.channel, _on(today, posting))
        if not items:
            return False
        async with self._store.writing() as tx:
            warnings = await self._warnings(tx, [due.channel.id], today, now)
            plan = DigestPlan(
                due.channel,
                due.slot,
                today,
                DigestKind.PAPERS,
                items,
                warnings[due.channel.id],
                single=due.channel.platform in self._single,
            )
            (planned,) = await tx.digests.plan([plan], now)
            await reschedule(tx, due.channel.id, due.slot, now)
        return planned

    async def preview(
        self, channel: Channel, subscriptions: Sequence[Subscription]
    ) -> tuple[DigestItem, ...]:
        """Return what a digest of these subscriptions would hold if it were planned now."""
        queries = [TopicQuery(channel, each.spec) for each in subscriptions]
        matches = await self._matcher(channel.platform).match(queries)
        return assign_papers(list(zip(subscriptions, matches, strict=True)))

    def _matcher(self, platform: Platform) -> TopicMatcher:
        return TopicMatcher(self._store, self._search, self._clocks.now(platform).date())

    async def _recompute_skewed(self, platform: Platform) -> None:
        """Recompute due times that were set while a clock ran far ahead."""
        now = self._clocks.now(platform)
        while True:
            async with self._store.writing() as tx:
                skewed = await tx.schedule.computed_after([platform], now + MAX_CLOCK_SKEW, AT_ONCE)
                if not skewed:
                    return
                await advance_slots(tx, [(each.channel.id, each.slot) for each in skewed], now)

    async def _claim(self, platform: Platform) -> list[DueSlot]:
        """Claim due slots. Their unsent digests are withdrawn, so that the papers join the new one."""
        async with self._store.writing() as tx:
            due = await tx.schedule.claim([platform], self._clocks.now(platform), LEASE_SECONDS, AT_ONCE)
            if due:
                await tx.digests.cancel_unsent(due)
            return due

    async def _plan_each(self, slots: Sequence[DueSlot], matcher: TopicMatcher) -> None:
        """Plan slots in one transaction. If that fails, plan each half, until the failing slot is found."""
        try:
            await self._plan(slots, matcher)
        except Exception:  # noqa: BLE001 - the edge: one slot's failure must not stop the others
            if len(slots) > 1:
                half = len(slots) // 2
                await self._plan_each(slots[:half], matcher)
                await self._plan_each(slots[half:], matcher)
                return
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: planning channel %s failed", reference, slots[0].channel.id)
            now = self._clocks.now(slots[0].channel.platform)
            async with self._store.writing() as tx:
                await tx.schedule.postpone(slots, now + RETRY_AFTER)

    async def _plan(self, slots: Sequence[DueSlot], matcher: TopicMatcher) -> None:
        now = self._clocks.now(slots[0].channel.platform)
        async with self._store.reading() as tx:
            subscriptions = await tx.subscriptions.of_channels([each.channel.id for each in slots])
        dues = [_due(each, subscriptions[each.channel.id], now) for each in slots]
        queries = [TopicQuery(due.slot.channel, each.spec) for due in dues for each in due.subscriptions]
        matches = iter(await matcher.match(queries))
        items = {
            due.slot.id: assign_papers([(each, next(matches)) for each in due.subscriptions]) for due in dues
        }
        async with self._store.writing() as tx:
            await tx.schedule.lock_channels(*(each.channel.id for each in slots))
            # Matching took seconds without a transaction. A slot that was planned or rescheduled meanwhile,
            # by a command or by a process that took over its lease, is left as it is.
            unchanged = {each.id for each in await tx.schedule.filter_unchanged(slots)}
            dues = [due for due in dues if due.slot.id in unchanged]
            plans = await self._plans(tx, [due for due in dues if due.subscriptions], items, now)
            await tx.digests.plan(plans, now)
            await advance_slots(tx, [(due.slot.channel.id, due.slot.slot) for due in dues], now)

    async def _plans(
        self,
        tx: Transaction,
        dues: Sequence[_Due],
        items: Mapping[int, tuple[DigestItem, ...]],
        now: datetime,
    ) -> list[DigestPlan]:
        if not dues:
            return []
        channel_ids = [due.slot.channel.id for due in dues]
        warnings = await self._warnings(tx, channel_ids, min(due.local_date for due in dues), now)
        last = await tx.digests.last_dates(channel_ids)
        plans = []
        for due in dues:
            channel = due.slot.channel
            warning = warnings[channel.id]
            kind = _kind(items[due.slot.id], last.get(channel.id), due.local_date, warning)
            if kind is not None:
                found, single = items[due.slot.id], channel.platform in self._single
                plan = DigestPlan(channel, due.slot.slot, due.local_date, kind, found, warning, single)
                plans.append(plan)
        return plans

    async def _warnings(
        self, tx: Transaction, channel_ids: Sequence[int], since: date, now: datetime
    ) -> dict[int, str]:
        """Return by channel the warning about the sources' last polls; empty if it has been posted there."""
        warning = source_warning(await recent_runs(tx, now))
        already = await tx.digests.channels_warned(channel_ids, since, warning) if warning else frozenset()
        return {each: "" if each in already else warning for each in channel_ids}


def _one_per_channel(slots: Sequence[DueSlot]) -> list[list[DueSlot]]:
    """Split slots into batches with at most one slot per channel.

    A channel's second digest must know what its first one posts, so the two are planned one after the other.
    """
    batches: defaultdict[int, list[DueSlot]] = defaultdict(list)
    count: defaultdict[int, int] = defaultdict(int)
    for slot in slots:
        batches[count[slot.channel.id]].append(slot)
        count[slot.channel.id] += 1
    return list(batches.values())


def _due(due: DueSlot, subscriptions: Sequence[Subscription], now: datetime) -> _Due:
    subscriptions = subscriptions_at(subscriptions, due.slot)
    local_date = latest_date(due.slot, days_of(subscriptions), due.due, now)
    return _Due(due, local_date, _on(local_date, subscriptions))


def _on(day: date, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    return [each for each in subscriptions if Weekday(day.weekday()) in each.spec.days]


def _kind(
    items: tuple[DigestItem, ...], last: date | None, local_date: date, warning: str
) -> DigestKind | None:
    """Return what kind of digest to post; None if there is nothing to say."""
    if items:
        return DigestKind.PAPERS
    if last is None or local_date - last >= QUIET_INTERVAL:
        return DigestKind.NOTHING_NEW
    return DigestKind.WARNING if warning else None
