"""Identifiers for papers that are known by their titles alone, such as those of a saved page."""

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
"""Titles a round, as each may be asked for at every source."""
ASKED_AGAIN_AFTER = timedelta(days=28)
"""How soon a title is asked for again that no source had."""
TRIED_AGAIN_AFTER = timedelta(days=1)
"""The same where a source that could have it was not reached."""
LEASE = timedelta(minutes=15)
"""Longer than it takes to ask every source for one title."""
LEAST_WORDS = 4
LEAST_WORDS_OF_DESCRIBED = 2
LEAST_BYTES = 20
_log = logging.getLogger(__name__)


class TitleLookup:
    """Asks the catalogues, one after the other, for open papers that have no identifier.

    What teams' people brought is not asked for: their titles are no business of the sources.
    """

    def __init__(
        self, store: Store, library: Library, catalogues: Sequence[Catalogue], clock: Clock, *, worker: str
    ) -> None:
        """Take the catalogues in the order in which they are asked, and the name on this process's leases."""
        self._store = store
        self._library = library
        self._catalogues = catalogues
        self._clock = clock
        self._worker = worker

    async def round(self, asking: SourcePoll) -> SourcePoll:
        """Look up those that were not asked for of late, and remember that they were.

        A source that cannot be reached is not asked again this time. Where none can be, the rest waits.
        """
        reached = list(self._catalogues)
        unreached: list[str] = []
        found = 0
        papers = await self._without_identifiers()
        for paper in papers:
            draft = await self._find(paper, reached, unreached) if _telling(paper) else None
            if not reached:
                break
            if draft is not None:
                await self._library.add([draft])
                found += 1
            if not await self._remember(paper, whole=not unreached):
                break
        trouble = f"{all_of(map(source_label, unreached))} could not be reached" if unreached else ""
        if trouble:
            _log.warning("Looking titles up: %s; it is tried again", trouble)
        if papers:
            _log.info("%s titles without identifiers, %s of them found at a source", len(papers), found)
        return replace(asking, trouble=trouble)

    async def _without_identifiers(self) -> list[Paper]:
        before = self._clock.now() - ASKED_AGAIN_AFTER
        async with self._store.reading() as tx:
            ids = await tx.source_polls.to_look_up(TITLES, before, AT_ONCE)
            papers = await tx.papers.get(ids)
        return [papers[each] for each in ids if each in papers]

    async def _find(self, paper: Paper, reached: list[Catalogue], unreached: list[str]) -> PaperDraft | None:
        """Give what the first source says that has the paper; one that is not reached changes the lists."""
        for catalogue in tuple(reached):
            try:
                draft = await catalogue.find_by_title(paper.title)
            except SourceUnavailable as failure:
                reached.remove(catalogue)
                unreached.append(failure.source)
                continue
            # Another's work may have the same title, as authors and years tell.
            if draft is not None and draft.identifiers and same_papers(draft, [paper]):
                return draft
        return None

    async def _remember(self, paper: Paper, *, whole: bool) -> bool:
        """Keep that a title was asked for; False where somebody else has taken the asking on meanwhile."""
        now = self._clock.now()
        at = now if whole else now - ASKED_AGAIN_AFTER + TRIED_AGAIN_AFTER
        async with self._store.writing() as tx:
            await tx.source_polls.mark_checked(TITLES, [paper.id], at)
            return await tx.source_polls.extend_lease(TITLES, self._worker, now + LEASE)


def _telling(paper: Paper) -> bool:
    """Whether a title alone tells which paper it is: many an “Editorial” without authors is another one."""
    words = len(paper.title.split())
    least = LEAST_WORDS_OF_DESCRIBED if paper.abstract else LEAST_WORDS
    return bool(paper.authors) or words >= least or len(title_key(paper.title).encode()) >= LEAST_BYTES
