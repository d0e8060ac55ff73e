"""The daily post: planned once for a channel, slot and local date, and drawn from what was planned."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.matching import fitting_papers, share_out
from bot.models import (
    EVERY_DAY,
    Channel,
    DigestItem,
    DigestKind,
    DigestPlan,
    DueSlot,
    SourceRun,
    SourceState,
    Subscription,
    Weekday,
)
from bot.ports import Clock, Search
from bot.replies import Digest, DigestSection, Hit
from bot.repositories import Store, Transaction
from bot.schedule import latest_date, next_time

QUIET_INTERVAL = timedelta(days=7)
"""After so long without a word a channel hears that there is nothing new."""
QUIET_TEXT = "Nothing new on your topics this week. The next papers that fit are posted as they come."


class DigestPlanner:
    """Turns due slots into planned digests, and topics into previews."""

    def __init__(self, store: Store, search: Search, clock: Clock) -> None:
        """Take the store to plan in and the search to match topics with."""
        self._store = store
        self._search = search
        self._clock = clock

    async def plan_due(self, limit: int = 100) -> int:
        """Plan a digest for every slot whose time has come; how many slots were dealt with."""
        async with self._store.reading() as tx:
            due = await tx.schedule.due(self._clock.now(), limit)
        for slot in due:
            await self._plan(slot)
        return len(due)

    async def plan_now(self, due: DueSlot) -> bool:
        """Plan a slot's digest of today ahead of its time; False if it was there or there is none to post."""
        today = self._clock.now().astimezone(ZoneInfo(due.slot.timezone)).date()
        return await self._plan_for(due, await self._active(due.channel.id, due), today)

    async def preview(
        self, channel: Channel, subscriptions: Sequence[Subscription]
    ) -> tuple[DigestItem, ...]:
        """What a digest of these subscriptions would hold if it were planned now."""
        today = self._clock.now().date()
        fitting = [
            (
                each,
                await fitting_papers(self._store, self._search, channel, each.wanted, today),
            )
            for each in subscriptions
        ]
        return share_out(fitting)

    async def _plan(self, due: DueSlot) -> None:
        subscriptions = await self._active(due.channel.id, due)
        days = days_of(subscriptions)
        now = self._clock.now()
        following = None
        if subscriptions:
            local_date = latest_date(due.slot, days, due.due, now)
            await self._plan_for(due, subscriptions, local_date)
            following = next_time(due.slot, days, now)
        async with self._store.writing() as tx:
            await tx.schedule.set_due(due.channel.id, due.slot, following)

    async def _active(self, channel_id: int, due: DueSlot) -> list[Subscription]:
        async with self._store.reading() as tx:
            subscriptions = await tx.subscriptions.of_channel(channel_id)
        return [each for each in subscriptions if not each.paused and each.wanted.slot == due.slot]

    async def _plan_for(self, due: DueSlot, subscriptions: Sequence[Subscription], local_date: date) -> bool:
        todays = [each for each in subscriptions if Weekday(local_date.weekday()) in each.wanted.days]
        if not todays:
            return False
        items = await self.preview(due.channel, todays)
        now = self._clock.now()
        async with self._store.writing() as tx:
            warning = await self._warning(tx, due.channel.id, local_date)
            last = await tx.digests.last_of(due.channel.id)
            if not items and not warning and last is not None and now - last.planned < QUIET_INTERVAL:
                return False
            kind = DigestKind.PAPERS if items else DigestKind.NOTHING_NEW
            plan = DigestPlan(due.channel, due.slot, local_date, kind, items, warning)
            return await tx.digests.plan(plan, items, now)

    async def _warning(self, tx: Transaction, channel_id: int, local_date: date) -> str:
        warning = source_warning(await tx.source_runs.of_day(local_date))
        if warning and await tx.digests.warned(channel_id, local_date, warning):
            return ""
        return warning


def days_of(subscriptions: Sequence[Subscription]) -> frozenset[Weekday]:
    """The days on which any of the subscriptions posts; every day where there are none."""
    return frozenset(day for each in subscriptions for day in each.wanted.days) or EVERY_DAY


def source_warning(runs: Sequence[SourceRun]) -> str:
    """What people should know about today's sources; empty where all went well."""
    failed = [run.source for run in runs if run.state is SourceState.FAILED]
    partial = [run.source for run in runs if run.state is SourceState.PARTIAL]
    sentences = []
    if failed:
        sentences.append(f"No papers from {' and '.join(failed)} today: it did not answer.")
    if partial:
        sentences.append(f"Only a part of today's papers came from {' and '.join(partial)}.")
    return " ".join(sentences)


def overview(
    plan: DigestPlan, hits: dict[int, Hit], topics: dict[int, str], *, preview: bool = False
) -> Digest:
    """Draw up a digest's first message: a section a topic, in the plan's order."""
    sections = tuple(
        DigestSection(topics.get(subscription_id, ""), tuple(hits[item.paper_id] for item in items))
        for subscription_id, items in groupby(plan.items, key=lambda item: item.subscription_id)
    )
    quiet = "" if sections else QUIET_TEXT
    return Digest(plan.local_date, sections, plan.channel.settings.layout, preview, quiet, plan.warning)
