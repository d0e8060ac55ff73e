"""Two rows that turn out to be one paper: all that hangs on the one moves to the other."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from storage.sql.link import Link
from storage.sql.tables import (
    AnsweredLinkRow,
    CheckRow,
    DescriptionRow,
    DigestItemRow,
    DiscussionRow,
    IdentifierRow,
    MergedPaperRow,
    NewsRow,
    PaperRow,
    SavedRow,
    ShownRow,
    SubmissionRow,
    VoteRow,
)

_UNIQUE_BY_PAPER: dict[Any, tuple[str, ...]] = {
    ShownRow: ("channel_id", "message"),
    SavedRow: ("person_id",),
    DigestItemRow: ("channel_id",),
    AnsweredLinkRow: ("channel_id",),
    DescriptionRow: ("source",),
    CheckRow: ("source",),
    SubmissionRow: ("channel_id", "person_id"),
}
"""Tables that hold a paper once for each value of these columns: what is there twice goes."""


async def absorb(link: Link, gone: int, kept: int, sequence: int) -> None:
    """Move everything from one paper to another and delete the row, remembering its number."""
    for table, columns in _UNIQUE_BY_PAPER.items():
        other = aliased(table)
        same = [getattr(other, column) == getattr(table, column) for column in columns]
        if table is DigestItemRow:
            same += [~other.given_up, ~table.given_up]
        twice = select(other.paper_id).where(other.paper_id == kept, *same).exists()
        await link.run(delete(table).where(table.paper_id == gone, twice))
    others: tuple[Any, ...] = (VoteRow, DiscussionRow, NewsRow, IdentifierRow, MergedPaperRow)
    for table in (*_UNIQUE_BY_PAPER, *others):
        await link.run(update(table).where(table.paper_id == gone).values(paper_id=kept))
    await link.run(delete(PaperRow).where(PaperRow.id == gone))
    row = {"old_id": gone, "paper_id": kept, "sequence": sequence}
    await link.run(link.insert(MergedPaperRow).values(row))
