"""What all tables share."""

from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKeyConstraint, MetaData, Time
from sqlalchemy.orm import DeclarativeBase

from storage.sql.types import KEY, StoredText, UtcDateTime


class Base(DeclarativeBase):
    """Every table; the names of constraints follow from their columns, on every database alike."""

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
"""Numbers of rows that are gone are never given out again: messages and buttons may still carry them."""


def of_team(table: str, column: str) -> ForeignKeyConstraint:
    """A reference to a row that must belong to the same team.

    It is checked at once, yet can be deferred, so that the workspaces of two teams can be brought together.
    """
    return ForeignKeyConstraint(
        ["team_id", column],
        [f"{table}.team_id", f"{table}.id"],
        ondelete="CASCADE",
        deferrable=True,
        initially="IMMEDIATE",
    )
