"""What the operator has separated: papers that are never merged, and rejected identifiers.

Both are few, so all are read at once.
"""

from collections.abc import Collection

from sqlalchemy import delete, exists, or_, select

from bot.domain.identifiers import Identifier
from bot.domain.separated import SeparatedPapers
from storage.sql.connection import Connection
from storage.sql.tables import IdentifierRow, RejectedIdentifierRow, SeparatedPaperRow


async def load_separated(connection: Connection) -> SeparatedPapers:
    """Read all of it."""
    pairs = await connection.run(select(SeparatedPaperRow.paper_id, SeparatedPaperRow.other_id))
    names = await connection.run(
        select(RejectedIdentifierRow.paper_id, RejectedIdentifierRow.scheme, RejectedIdentifierRow.value)
    )
    return SeparatedPapers(
        [(row.paper_id, row.other_id) for row in pairs],
        [(row.paper_id, Identifier(row.scheme, row.value)) for row in names],
    )


async def separate(connection: Connection, paper_id: int, others: Collection[int]) -> None:
    """Let a paper never be merged with others."""
    # The lower id first, so that a pair is the same row whichever way round it comes.
    rows = [{"paper_id": min(paper_id, each), "other_id": max(paper_id, each)} for each in others]
    if rows:
        await connection.run(connection.insert(SeparatedPaperRow).on_conflict_do_nothing(), rows)


async def reject_identifiers(connection: Connection, paper_id: int, names: Collection[Identifier]) -> None:
    """Record that these identifiers are not the paper's."""
    rows = [{"paper_id": paper_id, "scheme": name.scheme, "value": name.value} for name in names]
    if rows:
        await connection.run(connection.insert(RejectedIdentifierRow).on_conflict_do_nothing(), rows)


async def accept_own_identifiers(connection: Connection, paper_id: int) -> None:
    """Reject none of the identifiers that the paper has."""
    own = exists().where(
        IdentifierRow.paper_id == paper_id,
        IdentifierRow.scheme == RejectedIdentifierRow.scheme,
        IdentifierRow.value == RejectedIdentifierRow.value,
    )
    await connection.run(delete(RejectedIdentifierRow).where(RejectedIdentifierRow.paper_id == paper_id, own))


async def move_separations(connection: Connection, gone: int, kept: int) -> None:
    """Move what a merged paper was separated from to the paper that it became; the two of them are one."""
    of_gone = or_(SeparatedPaperRow.paper_id == gone, SeparatedPaperRow.other_id == gone)
    pairs = (
        await connection.run(select(SeparatedPaperRow.paper_id, SeparatedPaperRow.other_id).where(of_gone))
    ).all()
    if pairs:
        await connection.run(delete(SeparatedPaperRow).where(of_gone))
        await separate(connection, kept, {each for pair in pairs for each in pair} - {gone, kept})
    known = select(RejectedIdentifierRow.scheme, RejectedIdentifierRow.value).where(
        RejectedIdentifierRow.paper_id == gone
    )
    names = [Identifier(row.scheme, row.value) for row in await connection.run(known)]
    if names:
        await reject_identifiers(connection, kept, names)
    await accept_own_identifiers(connection, kept)
