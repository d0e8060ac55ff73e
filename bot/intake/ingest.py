"""Polls the sources: feeds for new papers, catalogues for changes of known papers.

Catalogues are also asked for the identifiers of papers of which only the title is known.

One process at a time polls a source, under a lease. No source waits for another.
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
from bot.protocol.request_id import request
from bot.protocol.values import CHECK, TITLES

CHECK_INTERVAL = 60.0
"""Seconds between two looks for sources that are due."""
LEASE = timedelta(minutes=15)
"""Longer than it takes to fetch, store and embed one day's papers; prolonged after each day."""
RETRY_AFTER = timedelta(minutes=5)
"""A poll that failed on our side is retried after this."""
RECHECK_AFTER = timedelta(days=7)
"""How often a catalogue is asked about the same paper."""
CHECK_LIMIT = 50
_TROUBLED = frozenset({SourceState.FAILED, SourceState.PARTIAL})
_log = logging.getLogger(__name__)


class Ingest:
    """Polls every source when it is due."""

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
        """`worker` names this process's leases, and must be unique; `every` is the time between two polls."""
        self._store = store
        self._library = library
        self._feeds = feeds
        self._catalogues = {catalogue.name: catalogue for catalogue in catalogues}
        self._clock = clock
        self._titles = titles
        self._worker = worker
        self._every = every
        self.last_round: datetime | None = None
        """When the last round of polls ended, for health checks."""

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(CHECK_INTERVAL)

    async def round(self) -> None:
        """Poll every source that is due, all at the same time."""
        feeds = (self._poll(feed.name, partial(self._poll_feed, feed)) for feed in self._feeds)
        checks = (
            self._poll(CHECK + name, partial(self._poll_catalogue, catalogue))
            for name, catalogue in self._catalogues.items()
        )
        await asyncio.gather(*feeds, *checks, self._poll(TITLES, self._titles.round))
        self.last_round = self._clock.now()

    async def _poll(self, name: str, work: Callable[[SourcePoll], Awaitable[SourcePoll]]) -> None:
        """Poll one source if it is due. A failure is logged, and the poll retried soon."""
        try:
            now = self._clock.now()
            async with self._store.writing() as tx:
                poll = await tx.source_polls.claim(name, self._worker, now, now + LEASE)
            if poll is None:
                return
            with request():
                after, pause = await self._attempt(poll, work)
            async with self._store.writing() as tx:
                await tx.source_polls.finish(replace(after, polled_at=now), self._worker, now + pause)
        except Exception:  # noqa: BLE001 - the edge: one source's failure must not stop the others
            _log.exception("Reference %s: polling %s failed", secrets.token_hex(4), name)

    async def _attempt(
        self, poll: SourcePoll, work: Callable[[SourcePoll], Awaitable[SourcePoll]]
    ) -> tuple[SourcePoll, timedelta]:
        try:
            return await work(poll), self._every
        except Exception:  # noqa: BLE001 - the edge, as above
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: polling %s failed", reference, poll.name)
            return replace(poll, error=f"it broke off here, reference {reference}"), RETRY_AFTER

    async def _poll_feed(self, feed: Feed, poll: SourcePoll) -> SourcePoll:
        """Fetch and store the feed's days that are due, the newest first."""
        now = self._clock.now()
        runs = await self._runs(feed, poll, now.date())
        for day in due(unsettled(feed, runs, poll.complete_through, now.date()), runs, now):
            runs[day] = await self._store_day(feed.name, day, await feed.listed_on(day))
            if not await self._record(feed, runs[day]):
                # Another process polls the source now. Its result must not be overwritten by ours.
                return poll
        left = unsettled(feed, runs, poll.complete_through, now.date())
        return replace(poll, complete_through=settled_through(left, now.date()), error=_trouble(runs))

    async def _runs(self, feed: Feed, poll: SourcePoll, today: date) -> dict[date, SourceRun]:
        async with self._store.reading() as tx:
            runs = await tx.source_runs.since(poll.complete_through or today - timedelta(days=30), feed.name)
        return {run.day: run for run in runs}

    async def _store_day(self, name: str, day: date, listed: SourceDay) -> SourceRun:
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
                "%s: #%s has identifiers of #%s, and was stored without them",
                name,
                each.paper_id,
                each.other_id,
            )
        return SourceRun(name, day, state, len(listed.drafts), self._clock.now(), detail)

    async def _record(self, feed: Feed, run: SourceRun) -> bool:
        """Record a day's result and prolong the lease. False: it ran out, and another process polls."""
        async with self._store.writing() as tx:
            if feed.daily:
                await tx.source_runs.record(run)
            return await tx.source_polls.extend_lease(feed.name, self._worker, self._clock.now() + LEASE)

    async def _revise(self, revised: Sequence[PaperDraft]) -> str:
        """Fetch the new versions of known papers. Return what went wrong; empty if nothing did."""
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
        """Return the drafts whose paper is stored in an older version, each with its identifier."""
        names = {name: draft for draft in revised for name in draft.identifiers}
        async with self._store.reading() as tx:
            known = await tx.papers.find_by_identifiers(names)
            papers = await tx.papers.get(set(known.values()))
        return [
            (names[name], name)
            for name, paper_id in known.items()
            if papers[paper_id].details.version < names[name].details.version
        ]

    async def _poll_catalogue(self, catalogue: Catalogue, poll: SourcePoll) -> SourcePoll:
        """Ask a catalogue about changes of papers that people used: retractions, new versions."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            ids = await tx.source_polls.to_check(catalogue.name, now - RECHECK_AFTER, CHECK_LIMIT)
            names = sorted(await tx.papers.identifiers_of(ids))
        try:
            await self._library.add(await catalogue.fetch(names) if names else [])
        except SourceUnavailable as failure:
            return replace(poll, error=failure.detail)
        async with self._store.writing() as tx:
            await tx.source_polls.mark_checked(catalogue.name, ids, now)
        return replace(poll, error="")


def _trouble(runs: Mapping[date, SourceRun]) -> str:
    """Describe the latest day that failed or was incomplete; empty if all went well."""
    failed = [run for run in runs.values() if run.state in _TROUBLED]
    latest = max(failed, key=lambda run: run.day, default=None)
    return "" if latest is None else f"{latest.day}: {latest.state}, {latest.detail}"
