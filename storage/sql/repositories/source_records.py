"""What each record of a source said of a paper: kept whole, and known again by its digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from bot.domain.descriptions import MOST_RECORDS, OPERATORS_WORD, Description, record_name, replaces
from bot.domain.paper import PaperDraft
from bot.domain.source import is_registered
from storage.sql.connection import AnyRow, Connection
from storage.sql.repositories.rows import details_columns, details_of, identifier_of
from storage.sql.tables import DescriptionRow

_ASIDE = "@"
"""Stands in the record's name of what is kept by its digest only to be known again."""
_DAYS = frozenset({"published", "listed"})
_MOMENT = timedelta(microseconds=1)
_KEPT = (DescriptionRow.source, DescriptionRow.record, DescriptionRow.seen_at, DescriptionRow.draft)


async def describe(
    connection: Connection, paper_id: int, draft: PaperDraft, now: datetime, record: str = ""
) -> None:
    """Keep a description, so that it is known when it comes again, in the place of the record's last one.

    It takes the place of one without a text, too: that is all that was kept of its source before.
    """
    record = record or record_name(draft)
    of_source = DescriptionRow.paper_id == paper_id, DescriptionRow.source == draft.source
    before = (await connection.run(select(*_KEPT, DescriptionRow.digest).where(*of_source))).all()
    await _make_way(connection, paper_id, draft, record, before)
    row = {
        "paper_id": paper_id,
        "source": draft.source,
        "record": record,
        "digest": digest_of(draft),
        # Of records that come in one moment the last one is the latest still, when a paper is made anew.
        "seen_at": max([now, *(each.seen_at + _MOMENT for each in before)]),
        "draft": written(draft),
    }
    insert = connection.insert(DescriptionRow).values(row)
    renewed = {name: insert.excluded[name] for name in ("digest", "seen_at", "draft")}
    keys = ["paper_id", "source", "record"]
    await connection.run(insert.on_conflict_do_update(index_elements=keys, set_=renewed))


async def _make_way(
    connection: Connection, paper_id: int, draft: PaperDraft, record: str, before: Sequence[AnyRow]
) -> None:
    """Let go of the descriptions that one takes the place of.

    What a file said is only set aside, to be known when it comes again: files that differ would otherwise
    change a paper to and fro, each time that they are imported.
    """
    standing = [row for row in before if _ASIDE not in row.record]
    gone = set(_outdated(draft, [row for row in standing if row.record not in {record, OPERATORS_WORD}]))
    of_source = DescriptionRow.paper_id == paper_id, DescriptionRow.source == draft.source
    if not is_registered(draft.source):
        again = [row.record for row in before if row.record.endswith(_ASIDE + digest_of(draft))]
        late = sorted((row for row in before if row not in standing), key=lambda row: row.seen_at)
        gone |= {*again, *(row.record for row in late[:-MOST_RECORDS])}
        for row in standing:
            if row.record and (row.record == record or row.record in gone) and row.digest != digest_of(draft):
                aside = update(DescriptionRow).where(*of_source, DescriptionRow.record == row.record)
                await connection.run(aside.values(record=row.record + _ASIDE + row.digest))
    if gone:
        await connection.run(delete(DescriptionRow).where(*of_source, DescriptionRow.record.in_(gone)))


def _outdated(draft: PaperDraft, others: Sequence[AnyRow]) -> list[str]:
    """Those of a source's other records that a description takes the place of."""
    standing = [
        row.record
        for row in sorted(others, key=lambda row: row.seen_at)
        if row.draft is not None and not replaces(draft, draft_of(draft.source, row.draft))
    ]
    kept = set(standing[-(MOST_RECORDS - 1) :])
    return [row.record for row in others if row.record not in kept]


async def descriptions(connection: Connection, paper_id: int) -> list[Description]:
    """A paper's descriptions, in the order in which they came, without those that were set aside."""
    standing = DescriptionRow.paper_id == paper_id, ~DescriptionRow.record.contains(_ASIDE)
    wanted = select(*_KEPT).where(*standing)
    order = DescriptionRow.seen_at, DescriptionRow.source, DescriptionRow.record
    found = await connection.run(wanted.order_by(*order))
    return [
        Description(
            row.source,
            row.record,
            row.seen_at,
            None if row.draft is None else draft_of(row.source, row.draft),
        )
        for row in found
    ]


def digest_of(draft: PaperDraft) -> str:
    """Name a description by its content."""
    said = repr(replace(draft, identifiers=frozenset())) + str(sorted(draft.identifiers))
    return hashlib.blake2b(said.encode(errors="replace"), digest_size=16).hexdigest()


def written(draft: PaperDraft) -> dict[str, Any]:
    """Give a draft as what JSON can hold, without its source and what is empty."""
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
        if value and each.name != "source":
            kept[each.name] = value
    return kept


def draft_of(source: str, kept: dict[str, Any]) -> PaperDraft:
    """Read what `written` gave."""
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
