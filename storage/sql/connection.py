"""How repositories run statements inside one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable, Row, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.sql.tables import Base

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Connection:
    """The connection of one transaction."""

    def __init__(self, connection: AsyncConnection, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self.dialect = connection.dialect.name

    async def run(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement.

        Raises:
            RuntimeError: it changes something, and the transaction only reads.

        """
        if statement.is_dml and not self._writable:
            raise RuntimeError("a change was asked for in a transaction that only reads")
        return await self._connection.execute(statement, parameters)

    def insert(self, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
        """Make an insert that supports ON CONFLICT, which each dialect has in its own class."""
        return postgresql.insert(table) if self.dialect == "postgresql" else sqlite.insert(table)


class Repository:
    """Base of all repositories: queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
