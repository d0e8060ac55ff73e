"""Storing papers: what open sources tell of is for all, what people bring by themselves for their team."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any

from sqlalchemy import delete, or_, select, tuple_, update

from bot.domain.descriptions import likeness, record_name
from bot.domain.identifiers import Identifier, title_key
from bot.domain.merging import changed_fields, changes, contradicted, merged, same_papers
from bot.domain.paper import Contradiction, Outcome, Paper, PaperDraft, Stored, Update
from storage.sql.connection import Connection
from storage.sql.repositories.news import note_news
from storage.sql.repositories.paper_rows import PaperRows
from storage.sql.repositories.rows import PAPER, paper_of
from storage.sql.repositories.source_records import describe, digest_of
from storage.sql.repositories.visibility import owned_by, readable
from storage.sql.tables import CategoryRow, DescriptionRow, IdentifierRow, PaperRow


class PaperWriter(PaperRows):
    """Puts drafts into the database, in one transaction.

    An open source's draft meets open papers, and then every team's own ones, which become the open paper. A
    team's draft meets open papers, which it never changes, and the team's own. A record that a paper keeps
    is that paper's, however either looks by now, and papers that the operator has parted stay two.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._keeping: frozenset[int] = frozenset()
        """The papers that keep the record of the draft which is being put."""

    async def take(self, draft: PaperDraft, now: datetime, team_id: int | None) -> Stored:
        """Store a draft as a new paper, or merge it into the row that it names."""
        await self._lock()
        candidates = await self._candidates(draft, team_id)
        open_ones = [paper for paper in candidates if paper.team_id is None]
        if team_id is None:
            owned = [paper for paper in candidates if paper.team_id]
            return await self._put_apart(draft, open_ones, owned, now)
        own = [paper for paper in candidates if paper.team_id == team_id]
        known = await self._meant(draft, open_ones, team_id)
        if known is None:
            return await self._put(draft, own, now, team_id)
        names = draft.identifiers | known.identifiers
        alike = self._alike(draft, names, own, [known])
        await self._lead(known.id, draft, team_id)
        await self._join(alike, known.id)
        return _with_absorbed(Stored(known.id, Outcome.UNCHANGED), known.title, alike)

    async def _put_apart(
        self, draft: PaperDraft, open_ones: Sequence[Paper], owned: Sequence[Paper], now: datetime
    ) -> Stored:
        """Store an open source's draft without the names of papers that are clearly other ones."""
        others = contradicted(draft, open_ones)
        names = frozenset[Identifier]().union(*(paper.identifiers for paper in others))
        plain = replace(draft, identifiers=draft.identifiers - names)
        # Of what the operator has made one, the one keeps the records of both.
        keeping = (await self._keepers(plain) if others else frozenset()) | self._keeping
        others = [paper for paper in others if paper.id not in keeping]
        if not others:
            return await self._put_open(draft, open_ones, owned, now)
        known = await self._said(plain)
        if known is not None:
            stored = Stored(known, Outcome.UNCHANGED)
        else:
            left = [paper for paper in open_ones if paper not in others]
            stored = await self._put_open(plain, left, owned, now)
        told = (
            Contradiction(
                draft.title,
                stored.paper_id,
                tuple(sorted(other.identifiers & draft.identifiers)),
                other.title,
                other.id,
            )
            for other in others
        )
        return replace(stored, contradictions=tuple(told))

    async def _put_open(
        self, draft: PaperDraft, open_ones: Sequence[Paper], owned: Sequence[Paper], now: datetime
    ) -> Stored:
        """Store an open source's draft. What people said never decides which open papers are the same."""
        same = self._same(draft, open_ones)
        names = draft.identifiers.union(*(paper.identifiers for paper in same))
        alike: list[Paper] = []
        for team_id in {paper.team_id for paper in owned}:
            own = [paper for paper in owned if paper.team_id == team_id]
            alike += self._alike(draft, names, own, same)
        if not same and alike:
            first, *alike = sorted(alike, key=lambda paper: paper.id)
            await self._tell_anew(first.id, draft, now)
            stored = Stored(first.id, Outcome.UPDATED, Update(first.id, draft.title, ("whole record",)))
        else:
            stored = await self._put(draft, open_ones, now, None)
        await self._join(alike, stored.paper_id)
        return _with_absorbed(stored, draft.title, alike)

    async def _put(
        self, draft: PaperDraft, candidates: Sequence[Paper], now: datetime, team_id: int | None
    ) -> Stored:
        same = self._same(draft, candidates)
        if not same:
            paper_id = await self._insert(draft, now, team_id)
            await describe(self._connection, paper_id, draft, now)
            return Stored(paper_id, Outcome.NEW)
        own = replace(draft, identifiers=draft.identifiers - self._foreign(same, candidates))
        known, *others = same
        for other in others:
            await self._absorb(other.id, known.id)
        together = merged(reduce(merged, others, known), own)
        await describe(self._connection, known.id, draft, now)
        if together == known and not others:
            return Stored(known.id, Outcome.UNCHANGED)
        await self._update(same, together)
        await note_news(self._connection, changes(known, together), now)
        fields, absorbed = changed_fields(known, together), tuple(other.id for other in others)
        return Stored(known.id, Outcome.UPDATED, Update(known.id, together.title, fields, absorbed))

    def _same(self, draft: PaperDraft, candidates: Sequence[Paper]) -> list[Paper]:
        """Those of one owner's papers that a draft is about, the lowest number first.

        Of such as are kept apart only one is: the one that keeps its record, or else looks most like it.
        """
        keeping = [paper for paper in candidates if paper.id in self._keeping][:1]
        refused = self._apart.refused(keeping[0].id) if keeping else frozenset[Identifier]()
        found = same_papers(replace(draft, identifiers=draft.identifiers - refused), candidates)
        same = keeping + [paper for paper in found if paper not in keeping]
        if not keeping and any(self._apart.twins(paper.id) for paper in same):
            same.sort(key=lambda paper: likeness(draft, paper), reverse=True)
        together: list[Paper] = []
        for paper in same:
            if not self._parted(paper, together):
                together.append(paper)
        return sorted(together, key=lambda paper: paper.id)

    def _alike(
        self, draft: PaperDraft, names: frozenset[Identifier], own: Sequence[Paper], known: Sequence[Paper]
    ) -> list[Paper]:
        """Those of a team's own papers that are the same as the open ones that a draft is about."""
        alike = self._same(replace(draft, identifiers=names), own)
        return [paper for paper in alike if not self._parted(paper, known)]

    def _parted(self, paper: Paper, others: Iterable[Paper]) -> bool:
        return any(self._apart.between(paper.id, each.id) for each in others)

    def _foreign(self, same: Sequence[Paper], candidates: Sequence[Paper]) -> frozenset[Identifier]:
        """The names that are not these papers' own: those of others, and what the operator has refused."""
        others = (paper.identifiers for paper in candidates if paper not in same)
        return frozenset[Identifier]().union(*others, *(self._apart.refused(paper.id) for paper in same))

    async def _meant(self, draft: PaperDraft, open_ones: Sequence[Paper], team_id: int) -> Paper | None:
        """The open paper that a team's draft is about: by its record, or by an earlier word of the team."""
        for paper in self._same(draft, open_ones):
            return paper
        named = self._named(draft.identifiers).where(IdentifierRow.team_id == team_id)
        ids = set((await self._connection.run(named)).scalars())
        return next((paper for paper in open_ones if paper.id in ids), None)

    async def _lead(self, paper_id: int, draft: PaperDraft, team_id: int) -> None:
        """Let a team's names and links lead it to an open paper, whose record stays as it is."""
        await self._put_names(paper_id, draft.identifiers, team_id)
        await self._put_links(paper_id, draft.links, team_id)

    async def _join(self, owned: Iterable[Paper], paper_id: int) -> None:
        """Make what teams have of an open paper one with it."""
        for paper in owned:
            await self._absorb_owned(paper.id, paper_id)

    async def _candidates(self, draft: PaperDraft, team_id: int | None) -> list[Paper]:
        """Papers that share a name or the title, or keep the record. None leaves this module.

        A source's draft meets everybody's, hidden ones as well, which it brings back as the true papers.
        """
        keeping = select(DescriptionRow.paper_id).where(DescriptionRow.record == record_name(draft))
        alike = [PaperRow.title_key == title_key(draft.title), PaperRow.id.in_(keeping)]
        if draft.identifiers:
            alike.append(PaperRow.id.in_(self._named(draft.identifiers)))
        wanted = PAPER.where(or_(*alike)).order_by(PaperRow.id)
        found = await self._connection.run(wanted if team_id is None else wanted.where(readable(team_id)))
        papers = [paper_of(row) for row in found]
        if papers:
            self._keeping = await self._keepers(draft)
        return papers

    def _named(self, names: Collection[Identifier]) -> Any:
        return select(IdentifierRow.paper_id).where(
            tuple_(IdentifierRow.scheme, IdentifierRow.value).in_(
                [(name.scheme, name.value) for name in names]
            )
        )

    async def _tell_anew(self, paper_id: int, draft: PaperDraft, now: datetime) -> None:
        """Put an open source's record in place of a team's, under the number that people know it by.

        The team's names and links are not the record's, but go on leading the team there.
        """
        row = await self._row(draft, now, None)
        await self._connection.run(update(PaperRow).where(PaperRow.id == paper_id).values(row))
        for table in (CategoryRow, DescriptionRow):
            await self._connection.run(delete(table).where(table.paper_id == paper_id))
        await self._put_parts(paper_id, draft, None)
        await describe(self._connection, paper_id, draft, now)

    async def _keepers(self, draft: PaperDraft) -> frozenset[int]:
        """The papers that keep the record of which a draft is."""
        wanted = select(DescriptionRow.paper_id).where(DescriptionRow.record == record_name(draft))
        return frozenset((await self._connection.run(wanted)).scalars())

    async def _said(self, draft: PaperDraft) -> int | None:
        """Give the open paper that has this description."""
        wanted = select(PaperRow.id).join(DescriptionRow, DescriptionRow.paper_id == PaperRow.id)
        is_so = DescriptionRow.digest == digest_of(draft), owned_by(None)
        return (await self._connection.run(wanted.where(*is_so).limit(1))).scalar()


def _with_absorbed(stored: Stored, title: str, absorbed: Sequence[Paper]) -> Stored:
    """Add to what became of a draft that teams' papers became one with its paper."""
    if not absorbed:
        return stored
    more = Update(stored.paper_id, title, absorbed=tuple(paper.id for paper in absorbed))
    update = stored.update.with_more(more) if stored.update else more
    return replace(stored, outcome=Outcome.UPDATED, update=update)
