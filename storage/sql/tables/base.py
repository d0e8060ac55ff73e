"""What all tables share."""

from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKeyConstraint, MetaData, Time
from sqlalchemy.orm import DeclarativeBase

from storage.sql.types import KEY, StoredText, UtcDateTime


class Base(DeclarativeBase):
    """Base of all tables. Constraints get the same names, made from table and column, on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: KEY,
        str: StoredText,
        date: Date,
        datetime: UtcDateTime,
        time: Time,
    }


NUMBERED = {"sqlite_autoincrement": True}
"""Ids of deleted rows are never given out again: messages and buttons may still carry them."""


def of_team(table: str, column: str) -> ForeignKeyConstraint:
    """Make a foreign key to a row of the same team.

    It is checked after each statement. One transaction may put the check off until it commits: moving a
    workspace to another team changes the rows on both sides one after the other.
    """
    return ForeignKeyConstraint(
        ["team_id", column],
        [f"{table}.team_id", f"{table}.id"],
        ondelete="CASCADE",
        deferrable=True,
        initially="IMMEDIATE",
    )
