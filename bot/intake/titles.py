"""Finds identifiers for papers of which only the title is known, such as those of a saved page."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.errors import SourceUnavailable
from bot.domain.identifiers import title_key
from bot.domain.merging import same_papers
from bot.domain.paper import Paper, PaperDraft
from bot.domain.source import SourcePoll
from bot.ports.clock import Clock
from bot.ports.library import Library
from bot.ports.sources import Catalogue
from bot.ports.store.store import Store
from bot.protocol.values import TITLES, source_label
from bot.protocol.wording import all_of

AT_ONCE = 50
"""Titles per round, at most: each may cost one request to every source."""
REPEAT_AFTER = timedelta(days=28)
"""A title that no source knew is looked up again after this."""
RETRY_AFTER = timedelta(days=1)
"""The same, if a source that may know it could not be reached."""
LEASE = timedelta(minutes=15)
"""Longer than it takes to ask every source for one title; prolonged after each title."""
LEAST_WORDS = 4
LEAST_WORDS_OF_DESCRIBED = 2
LEAST_BYTES = 20
_log = logging.getLogger(__name__)


class TitleLookup:
    """Asks the catalogues, one after the other, for open papers that have no identifier.

    Papers that a team added are left out: their titles are private, and no source should see them.
    """

    def __init__(
        self, store: Store, library: Library, catalogues: Sequence[Catalogue], clock: Clock, *, worker: str
    ) -> None:
        """The catalogues are asked in their order; `worker` names this process's leases."""
        self._store = store
        self._library = library
        self._catalogues = catalogues
        self._clock = clock
        self._worker = worker

    async def round(self, poll: SourcePoll) -> SourcePoll:
        """Look up titles that are due, and record that they were looked up.

        A source that cannot be reached is left out for the rest of the round. With none left, the round ends.
        """
        reached = list(self._catalogues)
        unreached: list[str] = []
        found = 0
        papers = await self._without_identifiers()
        for paper in papers:
            draft = await self._find(paper, reached, unreached) if _is_distinctive(paper) else None
            if not reached:
                break
            if draft is not None:
                await self._library.add([draft])
                found += 1
            if not await self._remember(paper, whole=not unreached):
                break
        trouble = f"{all_of(map(source_label, unreached))} could not be reached" if unreached else ""
        if trouble:
            _log.warning("Looking up titles: %s. It will be retried", trouble)
        if papers:
            _log.info("Looked up %s titles without identifiers and found %s", len(papers), found)
        return replace(poll, error=trouble)

    async def _without_identifiers(self) -> list[Paper]:
        before = self._clock.now() - REPEAT_AFTER
        async with self._store.reading() as tx:
            ids = await tx.source_polls.to_look_up(TITLES, before, AT_ONCE)
            papers = await tx.papers.get(ids)
        return [papers[each] for each in ids if each in papers]

    async def _find(self, paper: Paper, reached: list[Catalogue], unreached: list[str]) -> PaperDraft | None:
        """Return the first source's draft of the paper. A source that fails moves to `unreached`."""
        for catalogue in tuple(reached):
            try:
                draft = await catalogue.find_by_title(paper.title)
            except SourceUnavailable as failure:
                reached.remove(catalogue)
                unreached.append(failure.source)
                continue
            # Different papers may share a title. Authors and years tell them apart.
            if draft is not None and draft.identifiers and same_papers(draft, [paper]):
                return draft
        return None

    async def _remember(self, paper: Paper, *, whole: bool) -> bool:
        """Record the look-up and prolong the lease. False: it ran out, and another process took over."""
        now = self._clock.now()
        at = now if whole else now - REPEAT_AFTER + RETRY_AFTER
        async with self._store.writing() as tx:
            await tx.source_polls.mark_checked(TITLES, [paper.id], at)
            return await tx.source_polls.extend_lease(TITLES, self._worker, now + LEASE)


def _is_distinctive(paper: Paper) -> bool:
    """Whether the title identifies the paper. “Editorial”, without authors, could be any of thousands."""
    words = len(paper.title.split())
    least = LEAST_WORDS_OF_DESCRIBED if paper.abstract else LEAST_WORDS
    return bool(paper.authors) or words >= least or len(title_key(paper.title).encode()) >= LEAST_BYTES
