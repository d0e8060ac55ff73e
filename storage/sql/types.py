"""Column types and expressions that behave the same on SQLite and PostgreSQL."""

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
"""A surrogate key. SQLite generates ids only in a column that is declared INTEGER."""


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""NUL and lone surrogates: PostgreSQL rejects them, and SQLite stores them only in part."""


def storable(text: str) -> str:
    """Return text without characters that not every database stores."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("", text)


class StoredText(TypeDecorator[str]):
    """Text without characters that not every database stores.

    Text by people and sources is cleaned earlier. This handles the rest, such as answers of platforms, so
    that they do not fail a transaction.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy gives it
        """Remove what cannot be stored."""
        return None if value is None else storable(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC that is read back with its zone. SQLite alone would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy gives it
        """Convert to UTC.

        Raises:
            ValueError: the moment has no zone.

        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy gives it
        """Add the zone if the database lost it."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def choice(values: type[StrEnum], name: str) -> Enum:
    """Make a column type for an enum: stored as its value and checked by the database."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class _Values(TypeDecorator[Collection[Any]]):
    """Any number of values as one parameter: an array, or JSON text on SQLite, which has no arrays."""

    impl = JSON
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use an array where the database has them."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(JSON())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> list[Any]:  # noqa: ARG002 - SQLAlchemy gives it
        """Accept any collection."""
        return list(value or ())


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "among"

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002 - as above
        """Return self. Wrapped into `... = 1`, as other functions are, it would not use an index."""
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
    """Whether a column is one of many integers, passed as one parameter of this name.

    One parameter, not one each: SQLite and PostgreSQL limit their number, and the statement's text stays the
    same.
    """
    return _Among(column, bindparam(parameter, type_=_Values(BigInteger())))


def among_texts(column: ColumnElement[str] | Any, parameter: str) -> ColumnElement[bool]:
    """Whether a column is one of many texts, passed as one parameter of this name."""
    return _Among(column, bindparam(parameter, type_=_Values(StoredText())))


class collected(FunctionElement[list[int]]):  # noqa: N801 - it is used as a function
    """All values of a column as one JSON array: many times faster than one row each."""

    type = JSON()
    inherit_cache = True
    name = "collected"


@compiles(collected, "postgresql")
def _json_agg(element: collected, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_agg({compiler.process(element.clauses, **options)})"


@compiles(collected, "sqlite")
def _json_group_array(element: collected, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **options)})"
