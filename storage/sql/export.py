"""Everything that a database holds, row by row."""

import base64
from collections.abc import AsyncGenerator
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import Column, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.sql.tables import (
    Base,
    CounterRow,
    FeedRow,
    InstallationRow,
    PostRow,
    QueueRow,
    VectorRow,
)

_LEFT_OUT_TABLES = {
    CounterRow.__tablename__,
    QueueRow.__tablename__,
    VectorRow.__tablename__,
}
_LEFT_OUT_COLUMNS = {
    InstallationRow.__table__.c.token,
    FeedRow.__table__.c.lease_owner,
    FeedRow.__table__.c.lease_until,
    PostRow.__table__.c.lease_owner,
    PostRow.__table__.c.lease_until,
}


async def exported(engine: AsyncEngine) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    """Give every row but vectors, counters, leases and secrets, as of one moment, parents before children."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    async with engine.execution_options(**level).connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in _LEFT_OUT_TABLES:
                continue
            columns = _columns(table)
            rows = await connection.stream(select(*columns).order_by(*table.primary_key))
            async for row in rows:
                yield (
                    table.name,
                    dict(zip((column.name for column in columns), map(_plain, row), strict=True)),
                )


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
