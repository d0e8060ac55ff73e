"""Column types and expressions that mean the same on SQLite and PostgreSQL."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    Integer,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

KEY = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key; SQLite counts rows up only in a column that is declared INTEGER."""


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL keeps in no text, and SQLite only in parts."""


def storable(text: str) -> str:
    """Give text without what no database takes."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("", text)


class StoredText(TypeDecorator[str]):
    """Text that every database takes, to be stored or compared with.

    What people and sources write is clean before it comes here. This keeps the rest, such as the answers of
    platforms, from failing a transaction.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy gives it
        """Leave out what cannot be stored."""
        return None if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC that comes back with its zone, where SQLite would forget it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy gives it
        """Take moments with a zone only, and keep them in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy gives it
        """Give moments their zone back."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def choice(values: type[StrEnum], name: str) -> Enum:
    """One of an enum's values, kept as its text and checked by the database."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class _Values(TypeDecorator[Collection[Any]]):
    """Any number of values as one parameter: an array, or JSON text where there are no arrays."""

    impl = JSON
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        """Make the type for values of `item`."""
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by what the database has."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(JSON())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> list[Any]:  # noqa: ARG002 - SQLAlchemy gives it
        """Make a list of any collection."""
        return list(value or ())


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "among"

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 - as above
        """Stay as it is: wrapped into `… = 1`, as other functions are, it would not use an index."""
        return self


@compiles(_Among, "postgresql")
def _any_of_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY({values})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts, no text of anybody


def among_numbers(column: ColumnElement[int] | Any, parameter: str) -> ColumnElement[bool]:
    """Whether a column is one of any number of integers, given as the one parameter of that name."""
    return _Among(column, bindparam(parameter, type_=_Values(BigInteger())))


def among_texts(column: ColumnElement[str] | Any, parameter: str) -> ColumnElement[bool]:
    """Whether a column is one of any number of texts, given as the one parameter of that name."""
    return _Among(column, bindparam(parameter, type_=_Values(StoredText())))


class collected(FunctionElement[list[int]]):  # noqa: N801 - it is used as a function
    """All values of a column in one row, which is many times faster than a row each."""

    type = JSON()
    inherit_cache = True
    name = "collected"


@compiles(collected, "postgresql")
def _json_agg(element: collected, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_agg({compiler.process(element.clauses, **options)})"


@compiles(collected, "sqlite")
def _json_group_array(element: collected, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **options)})"
