"""Merges two rows of one paper: what belongs to the one moves to the other."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from storage.sql.connection import Connection
from storage.sql.repositories.separated import move_separations
from storage.sql.tables import (
    AnsweredLinkRow,
    DescriptionRow,
    DigestItemRow,
    DiscussionRow,
    IdentifierRow,
    LinkRow,
    MergedPaperRow,
    NewsRow,
    PaperRow,
    RejectedIdentifierRow,
    SavedRow,
    ShownRow,
    SourceCheckRow,
    SubmissionRow,
    VoteRow,
)

_UNIQUE_BY_PAPER: dict[Any, tuple[str, ...]] = {
    ShownRow: ("channel_id", "message"),
    SavedRow: ("person_id",),
    DigestItemRow: ("channel_id",),
    AnsweredLinkRow: ("channel_id",),
    DescriptionRow: ("source", "record"),
    SourceCheckRow: ("source",),
    SubmissionRow: ("channel_id", "person_id"),
    LinkRow: ("team_id", "link_key"),
}
"""Tables that have a paper once for each value of these columns. The row of the paper that goes loses."""


async def absorb(connection: Connection, gone: int, kept: int, sequence: int) -> None:
    """Move everything from one paper to another, delete the row, and keep its id as merged."""
    await _move(connection, gone, kept)
    await _delete(connection, gone, kept, sequence)


async def absorb_owned(connection: Connection, gone: int, kept: int, sequence: int) -> None:
    """Do the same for a team's own paper that turned out to be an open one.

    The team's identifiers and links lead only that team to the open paper. Other descriptions by its people
    or the operator are deleted.
    """
    for table in (DescriptionRow, RejectedIdentifierRow):
        await connection.run(delete(table).where(table.paper_id == gone))
    await _move(connection, gone, kept)
    await _delete(connection, gone, kept, sequence)


async def _move(connection: Connection, gone: int, kept: int) -> None:
    for table, columns in _UNIQUE_BY_PAPER.items():
        await _move_unique(connection, table, columns, gone, kept)
    others: tuple[Any, ...] = (VoteRow, DiscussionRow, NewsRow, IdentifierRow, MergedPaperRow)
    for table in others:
        await connection.run(update(table).where(table.paper_id == gone).values(paper_id=kept))
    await move_separations(connection, gone, kept)


async def _move_unique(
    connection: Connection, table: Any, columns: tuple[str, ...], gone: int, kept: int
) -> None:
    other = aliased(table)
    same = [getattr(other, column).is_not_distinct_from(getattr(table, column)) for column in columns]
    if table is DigestItemRow:
        same += [~other.given_up, ~table.given_up]
    duplicate = select(other.paper_id).where(other.paper_id == kept, *same).exists()
    await connection.run(delete(table).where(table.paper_id == gone, duplicate))
    await connection.run(update(table).where(table.paper_id == gone).values(paper_id=kept))


async def _delete(connection: Connection, gone: int, kept: int, sequence: int) -> None:
    await connection.run(delete(PaperRow).where(PaperRow.id == gone))
    row = {"old_id": gone, "paper_id": kept, "sequence": sequence}
    await connection.run(connection.insert(MergedPaperRow).values(row))
