"""What the operator has parted: papers that stay two, and names that are not a paper's own.

Both are few, so that whoever changes papers reads all of them once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import delete, exists, or_, select

from bot.domain.identifiers import Identifier
from storage.sql.link import Link
from storage.sql.tables import ApartRow, IdentifierRow, RefusedNameRow


class Apart:
    """Papers that are kept apart, and names that papers are refused."""

    def __init__(self, pairs: Iterable[tuple[int, int]], refused: Iterable[tuple[int, Identifier]]) -> None:
        """Take them as they are kept."""
        self._twins: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in pairs:
            self._twins[one].add(other)
            self._twins[other].add(one)
        self._refused: defaultdict[int, set[Identifier]] = defaultdict(set)
        for paper_id, name in refused:
            self._refused[paper_id].add(name)

    def between(self, one: int, other: int) -> bool:
        """Whether two papers are kept apart."""
        return other in self._twins.get(one, ())

    def twins(self, paper_id: int) -> frozenset[int]:
        """The papers that one is kept apart from."""
        return frozenset(self._twins.get(paper_id, ()))

    def refused(self, paper_id: int) -> frozenset[Identifier]:
        """The names that are not a paper's, whatever sources say."""
        return frozenset(self._refused.get(paper_id, ()))


async def all_apart(link: Link) -> Apart:
    """Read all of it."""
    pairs = await link.run(select(ApartRow.paper_id, ApartRow.other_id))
    names = await link.run(select(RefusedNameRow.paper_id, RefusedNameRow.scheme, RefusedNameRow.value))
    return Apart(
        [(row.paper_id, row.other_id) for row in pairs],
        [(row.paper_id, Identifier(row.scheme, row.value)) for row in names],
    )


async def keep_apart(link: Link, paper_id: int, others: Collection[int]) -> None:
    """Keep a paper apart from others."""
    rows = [{"paper_id": min(paper_id, each), "other_id": max(paper_id, each)} for each in others]
    if rows:
        await link.run(link.insert(ApartRow).on_conflict_do_nothing(), rows)


async def refuse(link: Link, paper_id: int, names: Collection[Identifier]) -> None:
    """Let these names not be a paper's, whatever sources say."""
    rows = [{"paper_id": paper_id, "scheme": name.scheme, "value": name.value} for name in names]
    if rows:
        await link.run(link.insert(RefusedNameRow).on_conflict_do_nothing(), rows)


async def allow_its_own(link: Link, paper_id: int) -> None:
    """Refuse a paper no name that it has."""
    its_own = exists().where(
        IdentifierRow.paper_id == paper_id,
        IdentifierRow.scheme == RefusedNameRow.scheme,
        IdentifierRow.value == RefusedNameRow.value,
    )
    await link.run(delete(RefusedNameRow).where(RefusedNameRow.paper_id == paper_id, its_own))


async def move_apart(link: Link, gone: int, kept: int) -> None:
    """Let what one paper was parted from be parted from the one that it became; they themselves are one."""
    of_gone = or_(ApartRow.paper_id == gone, ApartRow.other_id == gone)
    pairs = (await link.run(select(ApartRow.paper_id, ApartRow.other_id).where(of_gone))).all()
    if pairs:
        await link.run(delete(ApartRow).where(of_gone))
        await keep_apart(link, kept, {each for pair in pairs for each in pair} - {gone, kept})
    known = select(RefusedNameRow.scheme, RefusedNameRow.value).where(RefusedNameRow.paper_id == gone)
    names = [Identifier(row.scheme, row.value) for row in await link.run(known)]
    if names:
        await refuse(link, kept, names)
    await allow_its_own(link, kept)
