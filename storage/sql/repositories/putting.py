"""Storing papers: what open sources tell of is for all, what people bring by themselves for their team."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, tuple_, update

from bot.identifiers import Identifier, title_key
from bot.merging import NAMED_SOURCES, changed_fields, changes, contradicted, merged, same_papers
from bot.models import Contradiction, Outcome, Paper, PaperDraft, Stored, Update, text_hash
from bot.web_links import link_key
from storage.sql.link import Link
from storage.sql.repositories.absorbing import absorb, absorb_owned
from storage.sql.repositories.news import note_news
from storage.sql.repositories.rows import PAPER, details_columns, paper_of
from storage.sql.repositories.visibility import owned_by
from storage.sql.tables import CategoryRow, CounterRow, DescriptionRow, IdentifierRow, LinkRow, PaperRow

_COUNTER = CounterRow.name == "papers"
_LOCK = select(CounterRow.value).where(_COUNTER).with_for_update()
_COUNT_UP = update(CounterRow).where(_COUNTER).values(value=bindparam("taken"))
_FILES_SAID = select(
    DescriptionRow.paper_id,
    DescriptionRow.source + "@" + DescriptionRow.digest,
    DescriptionRow.digest,
    DescriptionRow.seen_at,
).where(DescriptionRow.source.not_in(NAMED_SOURCES), ~DescriptionRow.source.contains("@"))
"""The last descriptions of files, each under a name of its own."""


class PaperWriter:
    """Puts drafts into the database, in one transaction.

    An open source's draft meets open papers, and then every team's own ones, which become the open paper. A
    team's draft meets open papers, which it never changes, and the team's own.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._sequence: int | None = None

    async def take(self, draft: PaperDraft, now: datetime, team_id: int | None) -> Stored:
        """Store a draft as a new paper, or merge it into the row that it names."""
        await self._lock()
        candidates = await self._candidates(draft)
        open_ones = [paper for paper in candidates if paper.team_id is None]
        if team_id is None:
            owned = [paper for paper in candidates if paper.team_id]
            return await self._put_apart(draft, open_ones, owned, now)
        own = [paper for paper in candidates if paper.team_id == team_id]
        known = await self._meant(draft, open_ones, team_id)
        if known is None:
            return await self._put(draft, same_papers(draft, own), now, team_id)
        names = draft.identifiers | known.identifiers
        alike = same_papers(replace(draft, identifiers=names), own)
        await self._lead(known.id, draft, team_id)
        await self._join(alike, known.id)
        return _with_absorbed(Stored(known.id, Outcome.UNCHANGED), known.title, alike)

    async def _put_apart(
        self, draft: PaperDraft, open_ones: Sequence[Paper], owned: Sequence[Paper], now: datetime
    ) -> Stored:
        """Store an open source's draft without the names of papers that are clearly other ones."""
        others = contradicted(draft, open_ones)
        if not others:
            return await self._put_open(draft, open_ones, owned, now)
        names = frozenset[Identifier]().union(*(paper.identifiers for paper in others))
        plain = replace(draft, identifiers=draft.identifiers - names)
        known = await self._said(plain)
        if known in {paper.id for paper in others}:
            return Stored(known, Outcome.UNCHANGED)
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
        same = same_papers(draft, open_ones)
        names = draft.identifiers.union(*(paper.identifiers for paper in same))
        alike: list[Paper] = []
        for team_id in {paper.team_id for paper in owned}:
            own = [paper for paper in owned if paper.team_id == team_id]
            alike += same_papers(replace(draft, identifiers=names), own)
        if not same and alike:
            first, *alike = sorted(alike, key=lambda paper: paper.id)
            await self._tell_anew(first.id, draft, now)
            stored = Stored(first.id, Outcome.UPDATED, Update(first.id, draft.title, ("whole record",)))
        else:
            stored = await self._put(draft, same, now, None)
        await self._join(alike, stored.paper_id)
        return _with_absorbed(stored, draft.title, alike)

    async def _put(
        self, draft: PaperDraft, same: Sequence[Paper], now: datetime, team_id: int | None
    ) -> Stored:
        if not same:
            paper_id = await self._insert(draft, now, team_id)
            await self._describe(paper_id, draft, now)
            return Stored(paper_id, Outcome.NEW)
        known, *others = same
        await self._keep_said(same)
        for other in others:
            await absorb(self._link, other.id, known.id, await self._next())
        together = merged(reduce(merged, others, known), draft)
        await self._describe(known.id, draft, now)
        if together == known and not others:
            return Stored(known.id, Outcome.UNCHANGED)
        await self._update(same, together)
        await note_news(self._link, changes(known, together), now)
        fields, absorbed = changed_fields(known, together), tuple(other.id for other in others)
        return Stored(known.id, Outcome.UPDATED, Update(known.id, together.title, fields, absorbed))

    async def _meant(self, draft: PaperDraft, open_ones: Sequence[Paper], team_id: int) -> Paper | None:
        """The open paper that a team's draft is about: by its record, or by an earlier word of the team."""
        for paper in same_papers(draft, open_ones):
            return paper
        named = self._named(draft.identifiers).where(IdentifierRow.team_id == team_id)
        ids = set((await self._link.run(named)).scalars())
        return next((paper for paper in open_ones if paper.id in ids), None)

    async def _lead(self, paper_id: int, draft: PaperDraft, team_id: int) -> None:
        """Let a team's names and links lead it to an open paper, whose record stays as it is."""
        await self._put_names(paper_id, draft.identifiers, team_id)
        await self._put_links(paper_id, draft.links, team_id)

    async def _join(self, owned: Iterable[Paper], paper_id: int) -> None:
        """Make what teams have of an open paper one with it."""
        for paper in owned:
            await absorb_owned(self._link, paper.id, paper_id, await self._next())

    async def _lock(self) -> None:
        """Let one transaction at a time change papers.

        Then sequence numbers become visible in their order, and two that put the same paper find it.
        """
        if self._sequence is None:
            self._sequence = (await self._link.run(_LOCK)).scalar_one()

    async def _next(self) -> int:
        assert self._sequence is not None
        self._sequence += 1
        await self._link.run(_COUNT_UP, {"taken": self._sequence})
        return self._sequence

    async def _candidates(self, draft: PaperDraft) -> list[Paper]:
        """Papers of whomever that share a name or the title; none of it leaves this module."""
        alike = PaperRow.title_key == title_key(draft.title)
        named = self._named(draft.identifiers)
        wanted = PAPER.where(or_(PaperRow.id.in_(named), alike) if draft.identifiers else alike)
        return [paper_of(row) for row in await self._link.run(wanted)]

    def _named(self, names: Collection[Identifier]) -> Any:
        return select(IdentifierRow.paper_id).where(
            tuple_(IdentifierRow.scheme, IdentifierRow.value).in_(
                [(name.scheme, name.value) for name in names]
            )
        )

    async def _insert(self, draft: PaperDraft, now: datetime, team_id: int | None) -> int:
        row = await self._row(draft, now, team_id)
        insert = self._link.insert(PaperRow).values(row).returning(PaperRow.id)
        paper_id = int((await self._link.run(insert)).scalar_one())
        await self._put_parts(paper_id, draft, team_id)
        return paper_id

    async def _tell_anew(self, paper_id: int, draft: PaperDraft, now: datetime) -> None:
        """Put an open source's record in place of a team's, under the number that people know it by.

        The team's names and links are not the record's, but go on leading the team there.
        """
        row = await self._row(draft, now, None)
        await self._link.run(update(PaperRow).where(PaperRow.id == paper_id).values(row))
        for table in (CategoryRow, DescriptionRow):
            await self._link.run(delete(table).where(table.paper_id == paper_id))
        await self._put_parts(paper_id, draft, None)
        await self._describe(paper_id, draft, now)

    async def _row(self, draft: PaperDraft, now: datetime, team_id: int | None) -> dict[str, Any]:
        return {
            **_columns(draft),
            "team_id": team_id,
            "added": now,
            "added_on": now.astimezone(UTC).date(),
            "sequence": await self._next(),
        }

    async def _put_parts(self, paper_id: int, draft: PaperDraft, team_id: int | None) -> None:
        await self._put_names(paper_id, draft.identifiers, team_id)
        await self._put_categories(paper_id, draft.categories)
        await self._put_links(paper_id, draft.links, team_id)

    async def _update(self, same: Sequence[Paper], together: Paper) -> None:
        known = same[0]
        columns = _columns(together)
        if len(same) > 1 or together.text_hash != known.text_hash:
            columns["sequence"] = await self._next()
        await self._link.run(update(PaperRow).where(PaperRow.id == known.id).values(columns))
        names = frozenset[Identifier]().union(*(paper.identifiers for paper in same))
        await self._put_names(known.id, together.identifiers - names, known.team_id)
        if together.categories != known.categories:
            await self._link.run(delete(CategoryRow).where(CategoryRow.paper_id == known.id))
            await self._put_categories(known.id, together.categories)
        if together.links != known.links:
            of_record = LinkRow.paper_id == known.id, owned_by(known.team_id, LinkRow)
            await self._link.run(delete(LinkRow).where(*of_record))
            await self._put_links(known.id, together.links, known.team_id)

    async def _describe(self, paper_id: int, draft: PaperDraft, now: datetime) -> None:
        """Remember a description, so that it is known when it comes again."""
        row = {"paper_id": paper_id, "source": draft.source, "digest": digest_of(draft), "seen_at": now}
        insert = self._link.insert(DescriptionRow).values(row)
        await self._link.run(
            insert.on_conflict_do_update(
                index_elements=["paper_id", "source"],
                set_={"digest": insert.excluded.digest, "seen_at": insert.excluded.seen_at},
            )
        )

    async def _keep_said(self, papers: Sequence[Paper]) -> None:
        """Let what files said of papers be known when it comes again, though another file has spoken since.

        A named source says one thing at a time; that it says again what it said before is news.
        """
        wanted = _FILES_SAID.where(DescriptionRow.paper_id.in_([paper.id for paper in papers]))
        columns = ["paper_id", "source", "digest", "seen_at"]
        insert = self._link.insert(DescriptionRow).from_select(columns, wanted)
        await self._link.run(insert.on_conflict_do_nothing())

    async def _said(self, draft: PaperDraft) -> int | None:
        """Give the open paper that has this description."""
        wanted = select(PaperRow.id).join(DescriptionRow, DescriptionRow.paper_id == PaperRow.id)
        is_so = DescriptionRow.digest == digest_of(draft), owned_by(None)
        return (await self._link.run(wanted.where(*is_so).limit(1))).scalar()

    async def _put_names(self, paper_id: int, names: Collection[Identifier], team_id: int | None) -> None:
        if names:
            rows = [
                {"paper_id": paper_id, "scheme": name.scheme, "value": name.value, "team_id": team_id}
                for name in names
            ]
            insert = self._link.insert(IdentifierRow)
            # What a team has said before of a name stands; a source's name is nobody else's.
            await self._link.run(insert if team_id is None else insert.on_conflict_do_nothing(), rows)

    async def _put_categories(self, paper_id: int, categories: tuple[str, ...]) -> None:
        if categories:
            rows = [
                {"paper_id": paper_id, "category": category, "position": position}
                for position, category in enumerate(dict.fromkeys(categories))
            ]
            await self._link.run(self._link.insert(CategoryRow), rows)

    async def _put_links(self, paper_id: int, links: tuple[str, ...], team_id: int | None) -> None:
        rows = [
            {"paper_id": paper_id, "link_key": key, "position": position, "team_id": team_id}
            for position, key in enumerate(dict.fromkeys(filter(None, map(link_key, links))))
        ]
        if rows:
            await self._link.run(self._link.insert(LinkRow).on_conflict_do_nothing(), rows)


def _with_absorbed(stored: Stored, title: str, absorbed: Sequence[Paper]) -> Stored:
    """Add to what became of a draft that teams' papers became one with its paper."""
    if not absorbed:
        return stored
    more = Update(stored.paper_id, title, absorbed=tuple(paper.id for paper in absorbed))
    update = stored.update.with_more(more) if stored.update else more
    return replace(stored, outcome=Outcome.UPDATED, update=update)


def digest_of(draft: PaperDraft) -> str:
    """Name a description by its content."""
    written = repr(replace(draft, identifiers=frozenset())) + str(sorted(draft.identifiers))
    return hashlib.blake2b(written.encode(errors="replace"), digest_size=16).hexdigest()


def _columns(paper: Paper | PaperDraft) -> dict[str, Any]:
    return {
        "title": paper.title,
        "abstract": paper.abstract,
        "title_key": title_key(paper.title),
        "text_hash": text_hash(paper.title, paper.abstract),
        "source": paper.source,
        "authors": list(paper.authors),
        "links": list(paper.links),
        "published": paper.published,
        "listed": paper.listed,
        "submitted_by": paper.submitted_by,
        "upvotes": paper.upvotes,
        "details": details_columns(paper.details),
        "origins": dict(paper.origins),
    }
