"""What all tables share."""

from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKeyConstraint, MetaData, Time
from sqlalchemy.orm import DeclarativeBase

from storage.sql.types import KEY, StoredText, UtcDateTime


class Base(DeclarativeBase):
    """Base of all tables. Constraint names follow from column names, the same on every database."""

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

    Checked at once, but deferrable: merging the workspaces of two teams changes both sides in one
    transaction.
    """
    return ForeignKeyConstraint(
        ["team_id", column],
        [f"{table}.team_id", f"{table}.id"],
        ondelete="CASCADE",
        deferrable=True,
        initially="IMMEDIATE",
    )
