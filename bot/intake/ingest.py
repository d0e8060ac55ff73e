"""Papers that arrive by themselves: feeds tell of new ones, catalogues of what has happened to known ones.

Catalogues also know the identifiers of papers that are known by their titles alone.

Each source is asked by one process at a time, under a lease, and none waits for another.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from bot.domain.errors import SourceUnavailable
from bot.domain.identifiers import Identifier
from bot.domain.paper import Outcome, PaperDraft
from bot.domain.source import SourceDay, SourcePoll, SourceRun, SourceState
from bot.intake.backfill import due, settled_through, unsettled
from bot.intake.titles import TitleLookup
from bot.ports.clock import Clock
from bot.ports.library import Library
from bot.ports.sources import Catalogue, Feed
from bot.ports.store.store import Store
from bot.protocol.values import CHECK, TITLES

LOOKS_EVERY = 60.0
"""Seconds after which the loop looks again whether a source is due."""
LEASE = timedelta(minutes=15)
"""Longer than it takes to fetch, store and encode a day's papers."""
RETRIED_AFTER = timedelta(minutes=5)
"""How soon a source is asked again whose asking broke off here."""
CHECKED_EVERY = timedelta(days=7)
CHECKED_AT_ONCE = 50
_TROUBLED = frozenset({SourceState.FAILED, SourceState.PARTIAL})
_log = logging.getLogger(__name__)


class Ingest:
    """Asks every source when it is due."""

    def __init__(
        self,
        store: Store,
        library: Library,
        feeds: Sequence[Feed],
        catalogues: Sequence[Catalogue],
        clock: Clock,
        *,
        titles: TitleLookup,
        worker: str,
        every: timedelta,
    ) -> None:
        """Take the feeds, the catalogues that know what happens to papers, and how often each is asked.

        `worker` is a name for this process's leases that no other has.
        """
        self._store = store
        self._library = library
        self._feeds = feeds
        self._catalogues = {catalogue.name: catalogue for catalogue in catalogues}
        self._clock = clock
        self._titles = titles
        self._worker = worker
        self._every = every
        self.last_round: datetime | None = None
        """When everyone who was due had been asked, for health checks."""

    async def run(self) -> None:
        """Ask whoever is due until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(LOOKS_EVERY)

    async def round(self) -> None:
        """Ask whoever is due, all at once."""
        feeds = (self._ask(feed.name, partial(self._read, feed)) for feed in self._feeds)
        checks = (
            self._ask(CHECK + name, partial(self._check, catalogue))
            for name, catalogue in self._catalogues.items()
        )
        await asyncio.gather(*feeds, *checks, self._ask(TITLES, self._titles.round))
        self.last_round = self._clock.now()

    async def _ask(self, name: str, work: Callable[[SourcePoll], Awaitable[SourcePoll]]) -> None:
        """Ask one source if it is due. What it fails of is logged, and it is asked again soon."""
        try:
            now = self._clock.now()
            async with self._store.writing() as tx:
                asking = await tx.source_polls.claim(name, self._worker, now, now + LEASE)
            if asking is None:
                return
            after, pause = await self._worked(asking, work)
            async with self._store.writing() as tx:
                await tx.source_polls.finish(replace(after, asked=now), self._worker, now + pause)
        except Exception:  # noqa: BLE001 - the edge: whatever one source fails of, the others are asked
            _log.exception("Reference %s: %s was not asked", secrets.token_hex(4), name)

    async def _worked(
        self, asking: SourcePoll, work: Callable[[SourcePoll], Awaitable[SourcePoll]]
    ) -> tuple[SourcePoll, timedelta]:
        try:
            return await work(asking), self._every
        except Exception:  # noqa: BLE001 - the edge, as above
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: asking %s broke off", reference, asking.name)
            return replace(asking, trouble=f"it broke off here, reference {reference}"), RETRIED_AFTER

    async def _read(self, feed: Feed, asking: SourcePoll) -> SourcePoll:
        """Take in what a feed lists on the days that are due, the newest first."""
        now = self._clock.now()
        runs = await self._runs(feed, asking, now.date())
        for day in due(unsettled(feed, runs, asking.settled, now.date()), runs, now):
            runs[day] = await self._take_in(feed.name, day, await feed.listed_on(day))
            if not await self._go_on(feed, runs[day]):
                return asking
        left = unsettled(feed, runs, asking.settled, now.date())
        return replace(asking, settled=settled_through(left, now.date()), trouble=_trouble(runs))

    async def _runs(self, feed: Feed, asking: SourcePoll, today: date) -> dict[date, SourceRun]:
        async with self._store.reading() as tx:
            runs = await tx.source_runs.since(asking.settled or today - timedelta(days=30), feed.name)
        return {run.day: run for run in runs}

    async def _take_in(self, name: str, day: date, listed: SourceDay) -> SourceRun:
        report = await self._library.add(listed.drafts)
        missed = await self._revise(listed.revised)
        state = SourceState.PARTIAL if missed and listed.state not in _TROUBLED else listed.state
        detail = listed.detail or missed
        _log.info(
            "%s, %s: %s, %s papers, %s of them new%s",
            name,
            day,
            state,
            len(listed.drafts),
            report.count(Outcome.NEW),
            f" ({detail})" if detail else "",
        )
        for each in report.contradictions:
            _log.warning(
                "%s: #%s has the names of #%s, and is kept apart", name, each.paper_id, each.other_id
            )
        return SourceRun(name, day, state, len(listed.drafts), self._clock.now(), detail)

    async def _go_on(self, feed: Feed, run: SourceRun) -> bool:
        """Keep how a day went; False where somebody else has taken the source on meanwhile."""
        async with self._store.writing() as tx:
            if feed.daily:
                await tx.source_runs.record(run)
            return await tx.source_polls.extend_lease(feed.name, self._worker, self._clock.now() + LEASE)

    async def _revise(self, revised: Sequence[PaperDraft]) -> str:
        """Ask for the new versions of papers that are known; what kept from it, in a few words."""
        by_source: dict[str, list[Identifier]] = {}
        for draft, name in await self._outdated(revised):
            by_source.setdefault(draft.source, []).append(name)
        for source, names in by_source.items():
            try:
                await self._library.add(await self._catalogues[source].fetch(names))
            except SourceUnavailable as failure:
                return f"its new versions could not be asked for: {failure.detail}"
        return ""

    async def _outdated(self, revised: Sequence[PaperDraft]) -> list[tuple[PaperDraft, Identifier]]:
        """Those of the drafts whose paper is known in an older version, with its name."""
        names = {name: draft for draft in revised for name in draft.identifiers}
        async with self._store.reading() as tx:
            known = await tx.papers.find_by_identifiers(names)
            papers = await tx.papers.get(set(known.values()))
        return [
            (names[name], name)
            for name, paper_id in known.items()
            if papers[paper_id].details.version < names[name].details.version
        ]

    async def _check(self, catalogue: Catalogue, asking: SourcePoll) -> SourcePoll:
        """Ask a catalogue what has happened to papers that people have dealt with."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            ids = await tx.source_polls.to_check(catalogue.name, now - CHECKED_EVERY, CHECKED_AT_ONCE)
            names = sorted(await tx.papers.identifiers_of(ids))
        try:
            await self._library.add(await catalogue.fetch(names) if names else [])
        except SourceUnavailable as failure:
            return replace(asking, trouble=failure.detail)
        async with self._store.writing() as tx:
            await tx.source_polls.mark_checked(catalogue.name, ids, now)
        return replace(asking, trouble="")


def _trouble(runs: Mapping[date, SourceRun]) -> str:
    """What is wrong with the latest day that something is wrong with."""
    wrong = [run for run in runs.values() if run.state in _TROUBLED]
    latest = max(wrong, key=lambda run: run.day, default=None)
    return "" if latest is None else f"{latest.day}: {latest.state}, {latest.detail}"
