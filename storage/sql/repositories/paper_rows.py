"""How papers are written: under one lock, with the next sequence number for each change of a text."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, tuple_, update

from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import Paper, PaperDraft, text_hash
from bot.domain.separated import SeparatedPapers
from bot.domain.web_links import link_key
from storage.sql.connection import Connection, Repository
from storage.sql.repositories.absorb import absorb, absorb_owned
from storage.sql.repositories.rows import PAPER, details_columns, paper_of
from storage.sql.repositories.separated import (
    accept_own_identifiers,
    load_separated,
    reject_identifiers,
    separate,
)
from storage.sql.repositories.visibility import owned_by, readable
from storage.sql.tables import CategoryRow, CounterRow, DescriptionRow, IdentifierRow, LinkRow, PaperRow

_COUNTER = CounterRow.name == "papers"
_LOCK = select(CounterRow.value).where(_COUNTER).with_for_update()
_SET_COUNTER = update(CounterRow).where(_COUNTER).values(value=bindparam("taken"))


class SqlPaperRows(Repository):
    """Rows of papers in the database."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._sequence: int | None = None
        self._separated: SeparatedPapers | None = None
        """They are few, so all are read at once, and again only after a change."""

    async def lock(self) -> None:
        if self._sequence is None:
            self._sequence = (await self._connection.run(_LOCK)).scalar_one()
            # What was read before the lock may be out of date.
            self._separated = None

    async def next_sequence(self) -> int:
        """Return the next sequence number. The lock has to be held."""
        assert self._sequence is not None
        self._sequence += 1
        await self._connection.run(_SET_COUNTER, {"taken": self._sequence})
        return self._sequence

    async def separated(self) -> SeparatedPapers:
        if self._separated is None:
            self._separated = await load_separated(self._connection)
        return self._separated

    async def find_candidates(
        self, title_key: str, identifiers: Collection[Identifier], record: str, team_id: int | None = None
    ) -> list[Paper]:
        keepers = select(DescriptionRow.paper_id).where(DescriptionRow.record == record)
        candidates = [PaperRow.title_key == title_key, PaperRow.id.in_(keepers)]
        if identifiers:
            named = select(IdentifierRow.paper_id).where(_is_one_of(identifiers))
            candidates.append(PaperRow.id.in_(named))
        # A source's draft also finds hidden samples, which it turns into real papers.
        own = [readable(team_id)] if team_id is not None else []
        found = await self._connection.run(PAPER.where(or_(*candidates), *own).order_by(PaperRow.id))
        return [paper_of(row) for row in found]

    async def find_by_team_identifiers(
        self, identifiers: Collection[Identifier], team_id: int
    ) -> frozenset[int]:
        found = select(IdentifierRow.paper_id).where(
            _is_one_of(identifiers), IdentifierRow.team_id == team_id
        )
        return frozenset((await self._connection.run(found)).scalars())

    async def insert(self, paper: Paper | PaperDraft, added: datetime, team_id: int | None = None) -> int:
        row = await self._row(paper, added, team_id)
        insert = self._connection.insert(PaperRow).values(row).returning(PaperRow.id)
        paper_id = int((await self._connection.run(insert)).scalar_one())
        await self._put_parts(paper_id, paper, team_id)
        return paper_id

    async def replace(self, paper_id: int, draft: PaperDraft, added: datetime) -> None:
        row = await self._row(draft, added, None)
        await self._connection.run(update(PaperRow).where(PaperRow.id == paper_id).values(row))
        for table in (CategoryRow, DescriptionRow):
            await self._connection.run(delete(table).where(table.paper_id == paper_id))
        await self._put_parts(paper_id, draft, None)

    async def _row(self, draft: Paper | PaperDraft, now: datetime, team_id: int | None) -> dict[str, Any]:
        return {
            **_columns(draft),
            "team_id": team_id,
            "added": now,
            "added_on": now.astimezone(UTC).date(),
            "sequence": await self.next_sequence(),
        }

    async def _put_parts(self, paper_id: int, draft: Paper | PaperDraft, team_id: int | None) -> None:
        await self._put_identifiers(paper_id, draft.identifiers, team_id)
        await self._put_categories(paper_id, draft.categories)
        await self._put_links(paper_id, draft.links, team_id)

    async def update(self, before: Sequence[Paper], after: Paper, *, confirmed: bool) -> None:
        known = before[0]
        columns = _columns(after)
        if confirmed:
            columns["hidden"] = False
        # A new sequence number makes the search indexes read the paper again.
        if len(before) > 1 or confirmed or after.text_hash != known.text_hash:
            columns["sequence"] = await self.next_sequence()
        await self._connection.run(update(PaperRow).where(PaperRow.id == known.id).values(columns))
        names = frozenset[Identifier]().union(*(paper.identifiers for paper in before))
        await self._put_identifiers(known.id, after.identifiers - names, known.team_id)
        if after.categories != known.categories:
            await self._connection.run(delete(CategoryRow).where(CategoryRow.paper_id == known.id))
            await self._put_categories(known.id, after.categories)
        if after.links != known.links:
            of_record = LinkRow.paper_id == known.id, owned_by(known.team_id, LinkRow)
            await self._connection.run(delete(LinkRow).where(*of_record))
            await self._put_links(known.id, after.links, known.team_id)

    async def add_team_names(
        self, paper_id: int, identifiers: Collection[Identifier], links: Sequence[str], team_id: int
    ) -> None:
        await self._put_identifiers(paper_id, identifiers, team_id)
        await self._put_links(paper_id, links, team_id)

    async def absorb(self, gone: int, kept: int) -> None:
        await absorb(self._connection, gone, kept, await self.next_sequence())
        self._separated = None

    async def absorb_owned(self, gone: int, kept: int) -> None:
        await absorb_owned(self._connection, gone, kept, await self.next_sequence())
        self._separated = None

    async def remove_identifiers(self, paper_id: int, identifiers: Collection[Identifier]) -> None:
        if identifiers:
            its = IdentifierRow.paper_id == paper_id
            await self._connection.run(delete(IdentifierRow).where(its, _is_one_of(identifiers)))

    async def reject_identifiers(self, paper_id: int, identifiers: Collection[Identifier]) -> None:
        await reject_identifiers(self._connection, paper_id, identifiers)
        self._separated = None

    async def accept_own_identifiers(self, paper_id: int) -> None:
        await accept_own_identifiers(self._connection, paper_id)
        self._separated = None

    async def separate(self, paper_id: int, others: Collection[int]) -> None:
        await separate(self._connection, paper_id, others)
        self._separated = None

    async def _put_identifiers(
        self, paper_id: int, names: Collection[Identifier], team_id: int | None
    ) -> None:
        if names:
            rows = [
                {"paper_id": paper_id, "scheme": name.scheme, "value": name.value, "team_id": team_id}
                for name in names
            ]
            insert = self._connection.insert(IdentifierRow)
            # A team's earlier row wins. For a source, a conflict means a bug, and the insert has to fail.
            await self._connection.run(insert if team_id is None else insert.on_conflict_do_nothing(), rows)

    async def _put_categories(self, paper_id: int, categories: tuple[str, ...]) -> None:
        if categories:
            rows = [
                {"paper_id": paper_id, "category": category, "position": position}
                for position, category in enumerate(dict.fromkeys(categories))
            ]
            await self._connection.run(self._connection.insert(CategoryRow), rows)

    async def _put_links(self, paper_id: int, links: Sequence[str], team_id: int | None) -> None:
        rows = [
            {"paper_id": paper_id, "link_key": key, "position": position, "team_id": team_id}
            for position, key in enumerate(dict.fromkeys(filter(None, map(link_key, links))))
        ]
        if rows:
            await self._connection.run(self._connection.insert(LinkRow).on_conflict_do_nothing(), rows)


def _is_one_of(identifiers: Collection[Identifier]) -> ColumnElement[bool]:
    values = [(name.scheme, name.value) for name in identifiers]
    return tuple_(IdentifierRow.scheme, IdentifierRow.value).in_(values)


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
