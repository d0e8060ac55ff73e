"""The daily post: planned once for a channel, slot and local date."""

import logging
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from bot.posting.digest import runs_of_late, source_warning
from bot.posting.due_times import days_of, move_on, posting_among, posting_at, reschedule
from bot.posting.matcher import TopicMatcher, TopicQuery, share_out

QUIET_INTERVAL = timedelta(days=7)
"""After so many local dates without a word a channel hears that there is nothing new."""
TRIED_AGAIN_AFTER = timedelta(minutes=10)
AT_ONCE = 250
"""So many slots are planned in one transaction, short enough that votes need not wait for it."""
LEASE_SECONDS = 60.0
"""So long a process has to plan what it has claimed, before another may."""
CLOCKS_DIFFER = timedelta(hours=1)
"""So much the clocks of processes may differ; a time worked out later than that is of a clock set back."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    """A slot whose time has come, and what it asks for."""

    slot: DueSlot
    local_date: date
    subscriptions: Sequence[Subscription]
    """Those that post on that date."""


class DigestPlanner:
    """Turns due slots into planned digests, and topics into previews."""

    def __init__(self, store: Store, search: Search, clocks: Clocks, wakeup: Wakeup) -> None:
        """Take the store to plan in, the search to match topics with, and the bell of those who send.

        Only what goes to platforms that are ready by `clocks` is planned; the rest is for other processes.
        """
        self._store = store
        self._search = search
        self._clocks = clocks
        self._wakeup = wakeup

    async def plan_due(self) -> int:
        """Plan a digest for every slot whose time has come; how many slots were dealt with.

        A slot that fails is logged and put off, so that it holds up no other.
        """
        dealt_with = 0
        for platform in self._clocks.ready:
            await self._set_back(platform)
            matcher = self._matcher(platform)
            while due := await self._claim(platform):
                for some in _one_a_channel(due):
                    await self._plan_each(some, matcher)
                await self._wakeup.ring()
                dealt_with += len(due)
        return dealt_with

    async def next_due(self) -> float | None:
        """In how many seconds the next slot can be claimed; None where there is none to come here."""
        pauses = []
        async with self._store.reading() as tx:
            for platform in self._clocks.ready:
                due = await tx.schedule.next_due([platform])
                if due is not None:
                    pauses.append((due - self._clocks.now(platform)).total_seconds())
        return min(pauses, default=None)

    async def plan_now(self, due: DueSlot) -> bool:
        """Plan a slot's digest of today ahead of its time; False if it was there or there is none to post."""
        now = self._clocks.now(due.channel.platform)
        today = now.astimezone(ZoneInfo(due.slot.timezone)).date()
        async with self._store.reading() as tx:
            posting = await posting_at(tx, due.channel.id, due.slot)
        items = await self.preview(due.channel, _on(today, posting))
        if not items:
            return False
        async with self._store.writing() as tx:
            warned = await self._warned(tx, [due.channel.id], today, now)
            plan = DigestPlan(due.channel, due.slot, today, DigestKind.PAPERS, items, warned[due.channel.id])
            (planned,) = await tx.digests.plan([plan], now)
            await reschedule(tx, due.channel.id, due.slot, now)
        return planned

    async def preview(
        self, channel: Channel, subscriptions: Sequence[Subscription]
    ) -> tuple[DigestItem, ...]:
        """What a digest of these subscriptions would hold if it were planned now."""
        queries = [TopicQuery(channel, each.spec) for each in subscriptions]
        matches = await self._matcher(channel.platform).match(queries)
        return share_out(list(zip(subscriptions, matches, strict=True)))

    def _matcher(self, platform: Platform) -> TopicMatcher:
        return TopicMatcher(self._store, self._search, self._clocks.now(platform).date())

    async def _set_back(self, platform: Platform) -> None:
        """Work out anew the times that were set when a clock was ahead."""
        now = self._clocks.now(platform)
        while True:
            async with self._store.writing() as tx:
                astray = await tx.schedule.computed_after([platform], now + CLOCKS_DIFFER, AT_ONCE)
                if not astray:
                    return
                await move_on(tx, [(each.channel.id, each.slot) for each in astray], now)

    async def _claim(self, platform: Platform) -> list[DueSlot]:
        """Claim slots that are due. What of their last digests was not sent yet is one with the next."""
        async with self._store.writing() as tx:
            due = await tx.schedule.claim([platform], self._clocks.now(platform), LEASE_SECONDS, AT_ONCE)
            if due:
                await tx.digests.cancel_unsent(due)
            return due

    async def _plan_each(self, slots: Sequence[DueSlot], matcher: TopicMatcher) -> None:
        """Plan slots together; if that fails, its halves, until it is known which of them fails."""
        try:
            await self._plan(slots, matcher)
        except Exception:  # noqa: BLE001 - the edge: whatever one slot fails of, the others are planned
            if len(slots) > 1:
                half = len(slots) // 2
                await self._plan_each(slots[:half], matcher)
                await self._plan_each(slots[half:], matcher)
                return
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: channel %s was not planned", reference, slots[0].channel.id)
            now = self._clocks.now(slots[0].channel.platform)
            async with self._store.writing() as tx:
                await tx.schedule.postpone(slots, now + TRIED_AGAIN_AFTER)

    async def _plan(self, slots: Sequence[DueSlot], matcher: TopicMatcher) -> None:
        now = self._clocks.now(slots[0].channel.platform)
        async with self._store.reading() as tx:
            subscriptions = await tx.subscriptions.of_channels([each.channel.id for each in slots])
        asked = [_asked(each, subscriptions[each.channel.id], now) for each in slots]
        queries = [TopicQuery(due.slot.channel, each.spec) for due in asked for each in due.subscriptions]
        matches = iter(await matcher.match(queries))
        items = {
            due.slot.id: share_out([(each, next(matches)) for each in due.subscriptions]) for due in asked
        }
        async with self._store.writing() as tx:
            await tx.schedule.lock_channels(*(each.channel.id for each in slots))
            standing = {each.id for each in await tx.schedule.filter_unchanged(slots)}
            still = [due for due in asked if due.slot.id in standing]
            plans = await self._plans(tx, [due for due in still if due.subscriptions], items, now)
            await tx.digests.plan(plans, now)
            await move_on(tx, [(due.slot.channel.id, due.slot.slot) for due in still], now)

    async def _plans(
        self,
        tx: Transaction,
        asked: Sequence[_Due],
        items: Mapping[int, tuple[DigestItem, ...]],
        now: datetime,
    ) -> list[DigestPlan]:
        if not asked:
            return []
        channel_ids = [due.slot.channel.id for due in asked]
        warnings = await self._warned(tx, channel_ids, min(due.local_date for due in asked), now)
        last = await tx.digests.last_dates(channel_ids)
        plans = []
        for due in asked:
            channel = due.slot.channel
            warning = warnings[channel.id]
            kind = _kind(items[due.slot.id], last.get(channel.id), due.local_date, warning)
            if kind is not None:
                plan = DigestPlan(channel, due.slot.slot, due.local_date, kind, items[due.slot.id], warning)
                plans.append(plan)
        return plans

    async def _warned(
        self, tx: Transaction, channel_ids: Sequence[int], since: date, now: datetime
    ) -> dict[int, str]:
        """By channel, what it has not been told yet of the sources' last runs."""
        warning = source_warning(await runs_of_late(tx, now))
        told = await tx.digests.channels_warned(channel_ids, since, warning) if warning else frozenset()
        return {each: "" if each in told else warning for each in channel_ids}


def _one_a_channel(slots: Sequence[DueSlot]) -> list[list[DueSlot]]:
    """Share slots out so that each channel has one in each share: what the first posts, the next does not."""
    shares: defaultdict[int, list[DueSlot]] = defaultdict(list)
    had: defaultdict[int, int] = defaultdict(int)
    for slot in slots:
        shares[had[slot.channel.id]].append(slot)
        had[slot.channel.id] += 1
    return list(shares.values())


def _asked(due: DueSlot, subscriptions: Sequence[Subscription], now: datetime) -> _Due:
    posting = posting_among(subscriptions, due.slot)
    local_date = latest_date(due.slot, days_of(posting), due.due, now)
    return _Due(due, local_date, _on(local_date, posting))


def _on(day: date, subscriptions: Sequence[Subscription]) -> list[Subscription]:
    return [each for each in subscriptions if Weekday(day.weekday()) in each.spec.days]


def _kind(
    items: tuple[DigestItem, ...], last: date | None, local_date: date, warning: str
) -> DigestKind | None:
    """What a digest would say; None where there is nothing to say."""
    if items:
        return DigestKind.PAPERS
    if last is None or local_date - last >= QUIET_INTERVAL:
        return DigestKind.NOTHING_NEW
    return DigestKind.WARNING if warning else None
