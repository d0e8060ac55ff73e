"""What each record of a source said of a paper: stored whole, and recognised by its digest."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from bot.domain.paper import PaperDraft
from bot.domain.source import Description
from storage.sql.connection import AnyRow, Repository
from storage.sql.repositories.rows import details_columns, details_of, identifier_of
from storage.sql.repositories.visibility import owned_by
from storage.sql.tables import DescriptionRow, PaperRow

_ASIDE = "@"
"""Marks the names of records that are set aside. They are kept only to be recognised by their digest."""
_DAYS = frozenset({"published", "listed"})
_COLUMNS = (
    DescriptionRow.source,
    DescriptionRow.record,
    DescriptionRow.seen_at,
    DescriptionRow.draft,
    DescriptionRow.digest,
)


class SqlSourceRecords(Repository):
    """Descriptions in the database."""

    async def of_paper(self, paper_id: int) -> list[Description]:
        current = DescriptionRow.paper_id == paper_id, ~DescriptionRow.record.contains(_ASIDE)
        order = DescriptionRow.seen_at, DescriptionRow.source, DescriptionRow.record
        found = await self._connection.run(select(*_COLUMNS).where(*current).order_by(*order))
        return [_description_of(row) for row in found]

    async def of_source(self, paper_id: int, source: str) -> list[Description]:
        found = await self._connection.run(select(*_COLUMNS).where(*_of_source(paper_id, source)))
        return [_description_of(row) for row in found]

    async def papers_with(self, record: str) -> frozenset[int]:
        keepers = select(DescriptionRow.paper_id).where(DescriptionRow.record == record)
        return frozenset((await self._connection.run(keepers)).scalars())

    async def find_open_by_digest(self, digest: str) -> int | None:
        described = select(PaperRow.id).join(DescriptionRow, DescriptionRow.paper_id == PaperRow.id)
        matching = DescriptionRow.digest == digest, owned_by(None)
        return (await self._connection.run(described.where(*matching).limit(1))).scalar()

    async def put(self, paper_id: int, record: str, draft: PaperDraft, seen: datetime) -> None:
        row = {
            "paper_id": paper_id,
            "source": draft.source,
            "record": record,
            "digest": draft.digest,
            "seen_at": seen,
            "draft": draft_to_json(draft),
        }
        insert = self._connection.insert(DescriptionRow).values(row)
        renewed = {name: insert.excluded[name] for name in ("digest", "seen_at", "draft")}
        keys = ["paper_id", "source", "record"]
        await self._connection.run(insert.on_conflict_do_update(index_elements=keys, set_=renewed))

    async def set_aside(self, paper_id: int, description: Description) -> None:
        which = *_of_source(paper_id, description.source), DescriptionRow.record == description.record
        record = description.record + _ASIDE + description.digest
        await self._connection.run(update(DescriptionRow).where(*which).values(record=record))

    async def delete(self, paper_id: int, source: str, records: Collection[str]) -> None:
        which = *_of_source(paper_id, source), DescriptionRow.record.in_(records)
        await self._connection.run(delete(DescriptionRow).where(*which))

    async def delete_source(self, paper_id: int, source: str) -> None:
        await self._connection.run(delete(DescriptionRow).where(*_of_source(paper_id, source)))

    async def move(self, paper_id: int, descriptions: Collection[Description], new_id: int) -> None:
        keys = [each.key for each in descriptions]
        moved = tuple_(DescriptionRow.source, DescriptionRow.record).in_(keys)
        which = DescriptionRow.paper_id == paper_id, moved
        await self._connection.run(update(DescriptionRow).where(*which).values(paper_id=new_id))


def _of_source(paper_id: int, source: str) -> tuple[ColumnElement[bool], ...]:
    return DescriptionRow.paper_id == paper_id, DescriptionRow.source == source


def _description_of(row: AnyRow) -> Description:
    draft = None if row.draft is None else draft_from_json(row.source, row.draft)
    return Description(row.source, row.record, row.seen_at, draft, row.digest, aside=_ASIDE in row.record)


def draft_to_json(draft: PaperDraft) -> dict[str, Any]:
    """Return a draft as JSON values, without its source, references and empty fields."""
    kept: dict[str, Any] = {}
    for each in fields(draft):
        value = getattr(draft, each.name)
        if each.name == "identifiers":
            value = sorted(map(str, value))
        elif each.name == "details":
            value = details_columns(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        if value and each.name not in {"source", "references"}:
            kept[each.name] = value
    return kept


def draft_from_json(source: str, kept: dict[str, Any]) -> PaperDraft:
    """Make a draft from what `draft_to_json` returned."""
    values: dict[str, Any] = {"title": "", "abstract": "", **kept, "source": source}
    for name, value in kept.items():
        if name == "identifiers":
            values[name] = frozenset(map(identifier_of, value))
        elif name == "details":
            values[name] = details_of(value)
        elif name in _DAYS:
            values[name] = date.fromisoformat(value)
        elif isinstance(value, list):
            values[name] = tuple(value)
    return PaperDraft(**values)
