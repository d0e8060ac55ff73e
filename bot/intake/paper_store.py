"""Storing papers: an open source's draft is for everybody, what people bring themselves for their team."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from bot.domain.descriptions import record_name
from bot.domain.identifiers import Identifier, preferred, title_key
from bot.domain.merging import changed_fields, changes, contradicted, merged
from bot.domain.paper import Contradiction, Outcome, Paper, PaperDraft, Stored, Update
from bot.domain.paper_matcher import PaperMatcher
from bot.domain.source import SAMPLE
from bot.intake.source_records import keep_description
from bot.ports.store.citations import Citation
from bot.ports.store.store import Transaction


async def store_paper(
    tx: Transaction, draft: PaperDraft, now: datetime, team_id: int | None = None
) -> Stored:
    """Store a draft as a new paper, or merge it into the paper that it is about.

    Without a team the draft is an open source's, and what teams have of that paper becomes one with it. A
    team's draft never changes an open paper: its identifiers and links only lead the team there.

    The same paper is one that shares an identifier, or one with the same title where no identifier
    contradicts. Field by field the better source's word stands, as `bot/domain/merging.py` says. An open
    source's draft with the identifier of what is clearly another work is stored without it. News of the
    paper is kept for those who discussed it.
    """
    # The lock comes before everything that is read: of two that store the same paper the second finds it.
    await tx.paper_rows.lock()
    separated = await tx.paper_rows.separated()
    record = record_name(draft)
    candidates = await tx.paper_rows.find_candidates(
        title_key(draft.title), draft.identifiers, record, team_id
    )
    keepers = await tx.source_records.papers_with(record) if candidates else frozenset[int]()
    storing = _Storing(tx, PaperMatcher(separated, keepers), now)
    open_papers = [paper for paper in candidates if paper.team_id is None]
    if team_id is None:
        owned = [paper for paper in candidates if paper.team_id is not None]
        if draft.references and draft.identifiers:
            citing = preferred(draft.identifiers)
            pairs = [Citation(citing, cited) for cited in draft.references]
            await tx.citations.put(pairs, draft.source, now)
        return await storing.of_source(draft, open_papers, owned)
    own = [paper for paper in candidates if paper.team_id == team_id]
    return await storing.of_team(draft, open_papers, own, team_id)


async def update_paper(tx: Transaction, before: Sequence[Paper], after: Paper) -> None:
    """Write what the first one of these papers has become; the others are absorbed already."""
    confirmed = after.source != SAMPLE and any(paper.source == SAMPLE for paper in before)
    if confirmed:
        await tx.source_records.delete_source(before[0].id, SAMPLE)
    await tx.paper_rows.update(before, after, confirmed=confirmed)


class _Storing:
    """Stores one draft. The matcher knows which papers keep the draft's record."""

    def __init__(self, tx: Transaction, matcher: PaperMatcher, now: datetime) -> None:
        self._tx = tx
        self._matcher = matcher
        self._now = now

    async def of_team(
        self, draft: PaperDraft, open_papers: Sequence[Paper], own: Sequence[Paper], team_id: int
    ) -> Stored:
        """Store a team's draft among the team's own papers, or let it lead the team to an open one."""
        known = await self._open_paper(draft, open_papers, team_id)
        if known is None:
            return await self._put(draft, own, team_id)
        identifiers = draft.identifiers | known.identifiers
        twins = self._matcher.owned_twins(draft, identifiers, own, [known])
        await self._tx.paper_rows.add_team_names(known.id, draft.identifiers, draft.links, team_id)
        await self._absorb_owned(twins, known.id)
        return _with_absorbed(Stored(known.id, Outcome.UNCHANGED), known.title, twins)

    async def of_source(
        self, draft: PaperDraft, open_papers: Sequence[Paper], owned: Sequence[Paper]
    ) -> Stored:
        """Store an open source's draft without the identifiers of papers that are clearly other works."""
        others = contradicted(draft, open_papers)
        if not others:
            return await self._put_open(draft, open_papers, owned)
        foreign = frozenset[Identifier]().union(*(paper.identifiers for paper in others))
        plain = replace(draft, identifiers=draft.identifiers - foreign)
        # A paper that the operator has made of two keeps the records of both.
        keepers = await self._tx.source_records.papers_with(record_name(plain)) | self._matcher.keepers
        others = [paper for paper in others if paper.id not in keepers]
        if not others:
            return await self._put_open(draft, open_papers, owned)
        known = await self._tx.source_records.find_open_by_digest(plain.digest)
        if known is not None:
            stored = Stored(known, Outcome.UNCHANGED)
        else:
            left = [paper for paper in open_papers if paper not in others]
            stored = await self._put_open(plain, left, owned)
        return replace(stored, contradictions=_contradictions(draft, stored.paper_id, others))

    async def _put_open(
        self, draft: PaperDraft, open_papers: Sequence[Paper], owned: Sequence[Paper]
    ) -> Stored:
        """Store an open source's draft. What people said never decides which open papers are the same."""
        same = self._matcher.same(draft, open_papers)
        identifiers = draft.identifiers.union(*(paper.identifiers for paper in same))
        twins: list[Paper] = []
        for team_id in {paper.team_id for paper in owned}:
            own = [paper for paper in owned if paper.team_id == team_id]
            twins += self._matcher.owned_twins(draft, identifiers, own, same)
        if not same and twins:
            # People know the team's paper by its number, so the open one takes the number over.
            first, *twins = sorted(twins, key=lambda paper: paper.id)
            await self._tx.paper_rows.replace(first.id, draft, self._now)
            await keep_description(self._tx.source_records, first.id, draft, self._now)
            stored = Stored(first.id, Outcome.UPDATED, Update(first.id, draft.title, ("whole record",)))
        else:
            stored = await self._put(draft, open_papers, None)
        await self._absorb_owned(twins, stored.paper_id)
        return _with_absorbed(stored, draft.title, twins)

    async def _put(self, draft: PaperDraft, candidates: Sequence[Paper], team_id: int | None) -> Stored:
        """Store a draft among the papers of its owner."""
        rows, records = self._tx.paper_rows, self._tx.source_records
        same = self._matcher.same(draft, candidates)
        if not same:
            paper_id = await rows.insert(draft, self._now, team_id)
            await keep_description(records, paper_id, draft, self._now)
            return Stored(paper_id, Outcome.NEW)
        foreign = self._matcher.foreign_identifiers(same, candidates)
        known, *others = same
        # Absorbing comes first: it moves the others' identifiers and records to where the next writes look.
        for other in others:
            await rows.absorb(other.id, known.id)
        own = replace(draft, identifiers=draft.identifiers - foreign)
        together = merged(reduce(merged, others, known), own)
        await keep_description(records, known.id, draft, self._now)
        if together == known and not others:
            return Stored(known.id, Outcome.UNCHANGED)
        await update_paper(self._tx, same, together)
        await self._tx.news.record(changes(known, together), self._now)
        fields, absorbed = changed_fields(known, together), tuple(other.id for other in others)
        return Stored(known.id, Outcome.UPDATED, Update(known.id, together.title, fields, absorbed))

    async def _open_paper(
        self, draft: PaperDraft, open_papers: Sequence[Paper], team_id: int
    ) -> Paper | None:
        """The open paper that a team's draft is about: by its record, or by an earlier word of the team."""
        for paper in self._matcher.same(draft, open_papers):
            return paper
        ids = await self._tx.paper_rows.find_by_team_identifiers(draft.identifiers, team_id)
        return next((paper for paper in open_papers if paper.id in ids), None)

    async def _absorb_owned(self, owned: Iterable[Paper], paper_id: int) -> None:
        """Make what teams have of an open paper one with it."""
        for paper in owned:
            await self._tx.paper_rows.absorb_owned(paper.id, paper_id)


def _contradictions(draft: PaperDraft, paper_id: int, others: Iterable[Paper]) -> tuple[Contradiction, ...]:
    """Say which papers have identifiers of a draft that was stored without them."""
    return tuple(
        Contradiction(
            draft.title,
            paper_id,
            tuple(sorted(other.identifiers & draft.identifiers)),
            other.title,
            other.id,
        )
        for other in others
    )


def _with_absorbed(stored: Stored, title: str, absorbed: Sequence[Paper]) -> Stored:
    """Add to what became of a draft that teams' papers became one with its paper."""
    if not absorbed:
        return stored
    more = Update(stored.paper_id, title, absorbed=tuple(paper.id for paper in absorbed))
    update = stored.update.with_more(more) if stored.update else more
    return replace(stored, outcome=Outcome.UPDATED, update=update)
