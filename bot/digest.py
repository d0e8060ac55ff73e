"""The daily post: planned once for a channel, slot and local date, and drawn from what was planned."""

import logging
import random
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.matching import fitting_papers, share_out
from bot.models import (
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
from bot.schedule import latest_date
from bot.subscribing import days_of, move_on, posting_at, reschedule
from bot.values import source_label
from bot.wording import counted

QUIET_INTERVAL = timedelta(days=7)
"""After so many local dates without a word a channel hears that there is nothing new."""
QUIET_TEXT = "Nothing new on your topics this week. The next papers that fit are posted as they come."
RUNS_COUNT_FOR = timedelta(days=1)
"""So long after it was asked for a digest tells of a source's day that went wrong."""
DAYS_NAMED = 2
DAYS_TOLD = timedelta(days=3)
"""Older days are not told of."""
TRIED_AGAIN_AFTER = timedelta(minutes=10)
_log = logging.getLogger(__name__)


class DigestPlanner:
    """Turns due slots into planned digests, and topics into previews."""

    def __init__(self, store: Store, search: Search, clock: Clock) -> None:
        """Take the store to plan in and the search to match topics with."""
        self._store = store
        self._search = search
        self._clock = clock

    async def plan_due(self, limit: int = 100) -> int:
        """Plan a digest for every slot whose time has come; how many slots were dealt with.

        A slot that fails is logged and put off, so that it holds up no other. They are taken in any order, so
        that processes that plan at the same time seldom work out the same.
        """
        async with self._store.reading() as tx:
            due = await tx.schedule.due(self._clock.now(), limit)
        random.shuffle(due)
        for slot in due:
            try:
                await self._plan(slot)
            except Exception:  # noqa: BLE001 - the edge: whatever one slot fails of, the others are planned
                reference = secrets.token_hex(4)
                _log.exception("Reference %s: channel %s was not planned", reference, slot.channel.id)
                await self._put_off(slot)
        return len(due)

    async def plan_now(self, due: DueSlot) -> bool:
        """Plan a slot's digest of today ahead of its time; False if it was there or there is none to post."""
        now = self._clock.now()
        today = now.astimezone(ZoneInfo(due.slot.timezone)).date()
        todays = await self._posting_on(due, today)
        items = await self.preview(due.channel, todays)
        if not items:
            return False
        async with self._store.writing() as tx:
            warning = await self._warning(tx, due.channel.id, today)
            plan = DigestPlan(due.channel, due.slot, today, DigestKind.PAPERS, items, warning)
            planned = await tx.digests.plan(plan, items, now)
            await reschedule(tx, due.channel.id, due.slot, now)
        return planned

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
        now = self._clock.now()
        async with self._store.reading() as tx:
            if await tx.schedule.get(due.channel.id, due.slot) != due.due:
                return  # another process has planned it meanwhile
            days = days_of(await posting_at(tx, due.channel.id, due.slot))
        local_date = latest_date(due.slot, days, due.due, now)
        todays = await self._posting_on(due, local_date)
        items = await self.preview(due.channel, todays)
        async with self._store.writing() as tx:
            if todays:
                await self._store_plan(tx, due, local_date, items)
            await move_on(tx, due.channel.id, due.slot, now)

    async def _posting_on(self, due: DueSlot, local_date: date) -> list[Subscription]:
        async with self._store.reading() as tx:
            subscriptions = await posting_at(tx, due.channel.id, due.slot)
        return [each for each in subscriptions if Weekday(local_date.weekday()) in each.wanted.days]

    async def _store_plan(
        self, tx: Transaction, due: DueSlot, local_date: date, items: tuple[DigestItem, ...]
    ) -> None:
        warning = await self._warning(tx, due.channel.id, local_date)
        last = await tx.digests.last_of(due.channel.id)
        if items:
            kind = DigestKind.PAPERS
        elif last is None or local_date - last.plan.local_date >= QUIET_INTERVAL:
            kind = DigestKind.NOTHING_NEW
        elif warning:
            kind = DigestKind.WARNING
        else:
            return
        plan = DigestPlan(due.channel, due.slot, local_date, kind, items, warning)
        await tx.digests.plan(plan, items, self._clock.now())

    async def _put_off(self, due: DueSlot) -> None:
        """Try a slot that failed again soon, as long as its date lasts, else at its next time."""
        now = self._clock.now()
        soon, zone = now + TRIED_AGAIN_AFTER, ZoneInfo(due.slot.timezone)
        async with self._store.writing() as tx:
            await move_on(tx, due.channel.id, due.slot, now)
            if soon.astimezone(zone).date() == due.due.astimezone(zone).date():
                await tx.schedule.set_due(due.channel.id, due.slot, soon)

    async def _warning(self, tx: Transaction, channel_id: int, local_date: date) -> str:
        warning = source_warning(await runs_of_late(tx, self._clock.now()))
        if warning and await tx.digests.warned(channel_id, local_date, warning):
            return ""
        return warning


async def runs_of_late(tx: Transaction, now: datetime) -> list[SourceRun]:
    """How the sources' last days went, as far as they were asked for of late; by source and day."""
    runs = await tx.source_runs.since(now.date() - DAYS_TOLD)
    return [run for run in runs if now - run.at < RUNS_COUNT_FOR]


def source_warning(runs: Sequence[SourceRun]) -> str:
    """What people should know about the sources' last days; empty where all went well."""
    sentences = []
    for source, of_source in groupby(runs, key=lambda run: run.source):
        name, listed = source_label(source), list(of_source)
        if failed := _days(listed, SourceState.FAILED):
            sentences.append(f"The papers of {failed} are missing from {name}: it did not answer.")
        if partial := _days(listed, SourceState.PARTIAL):
            sentences.append(f"Only a part of the papers of {partial} has come from {name}.")
    return " ".join(sentences)


def why_nothing(runs: Sequence[SourceRun]) -> str:
    """What came where nothing fits; empty where no source came through."""
    whole = [run for run in runs if run.state in {SourceState.COMPLETE, SourceState.EMPTY}]
    latest = {run.source: run for run in whole}.values()
    told = [f"{source_label(run.source)}, {_listed(run)} on {_day(run)}" for run in latest]
    return f"The latest lists: {'; '.join(told)}." if told else ""


def _days(runs: Sequence[SourceRun], state: SourceState) -> str:
    days = [_day(run) for run in runs if run.state is state]
    return " and ".join(days) if len(days) <= DAYS_NAMED else f"{len(days)} days up to {days[-1]}"


def _day(run: SourceRun) -> str:
    return f"{run.day:%A, %-d %B}"


def _listed(run: SourceRun) -> str:
    return counted(run.papers, "paper") if run.papers else "none"


def overview(
    plan: DigestPlan,
    hits: dict[int, Hit],
    topics: dict[int, str],
    runs: Sequence[SourceRun] = (),
    *,
    preview: bool = False,
) -> Digest:
    """Draw up a digest's first message: a section a topic, in the plan's order.

    Where there is none, the sources' `runs` say why.
    """
    sections = tuple(
        DigestSection(topics.get(subscription_id, ""), tuple(hits[item.paper_id] for item in items))
        for subscription_id, items in groupby(plan.items, key=lambda item: item.subscription_id)
    )
    quiet = f"{QUIET_TEXT} {why_nothing(runs)}".rstrip() if plan.kind is DigestKind.NOTHING_NEW else ""
    return Digest(plan.local_date, sections, plan.channel.settings.layout, preview, quiet, plan.warning)
