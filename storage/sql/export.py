"""Exports everything that a database holds, row by row."""

import base64
from collections.abc import AsyncGenerator
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.source import SAMPLE
from storage.sql.repositories.visibility import IS_SAMPLE
from storage.sql.tables import (
    ApiTokenRow,
    Base,
    CategoryRow,
    CounterRow,
    DescriptionRow,
    FeedAddressRow,
    IdentifierRow,
    InstallationRow,
    LinkCodeRow,
    LinkRow,
    PaperRow,
    PostRow,
    QueueRow,
    SessionRow,
    SourceCheckRow,
    SourcePollRow,
    VectorRow,
)

_LEFT_OUT_TABLES = {
    CounterRow.__tablename__,
    LinkCodeRow.__tablename__,
    QueueRow.__tablename__,
    SessionRow.__tablename__,
    VectorRow.__tablename__,
}
_PARTS = [each.__table__ for each in (CategoryRow, SourceCheckRow, DescriptionRow, IdentifierRow, LinkRow)]
"""Tables that belong to a paper itself."""
_LEFT_OUT_COLUMNS = {
    ApiTokenRow.__table__.c.token_hash,
    FeedAddressRow.__table__.c.address_hash,
    InstallationRow.__table__.c.token,
    SourcePollRow.__table__.c.lease_owner,
    SourcePollRow.__table__.c.lease_until,
    PostRow.__table__.c.lease_owner,
    PostRow.__table__.c.lease_until,
}


async def exported(engine: AsyncEngine) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    """Yield each row as of one moment, as its table and its JSON values. Parents come before children.

    Leaves out samples, vectors, counters, leases and secrets.
    """
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    async with engine.execution_options(**level).connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in _LEFT_OUT_TABLES:
                continue
            columns = _columns(table)
            kept = select(*columns).where(*_no_samples(table)).order_by(*table.primary_key)
            rows = await connection.stream(kept)
            async for row in rows:
                yield (
                    table.name,
                    dict(zip((column.name for column in columns), map(_plain, row), strict=True)),
                )


def _no_samples(table: Table) -> list[ColumnElement[bool]]:
    """Return conditions that leave out samples. What people did with samples is exported by their ids."""
    if table is PaperRow.__table__:
        return [~IS_SAMPLE]
    if table not in _PARTS:
        return []
    ours = [DescriptionRow.source != SAMPLE] if table is DescriptionRow.__table__ else []
    return [table.c.paper_id.not_in(select(PaperRow.id).where(IS_SAMPLE)), *ours]


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column not in _LEFT_OUT_COLUMNS and not column.computed]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
