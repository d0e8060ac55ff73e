"""How papers are written: under one lock, and with the next sequence number for each change of a text."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.domain.identifiers import Identifier, title_key
from bot.domain.paper import Paper, PaperDraft, text_hash
from bot.domain.source import SAMPLE
from bot.domain.web_links import link_key
from storage.sql.connection import Connection, Repository
from storage.sql.repositories.absorb import absorb, absorb_owned
from storage.sql.repositories.rows import details_columns
from storage.sql.repositories.separated import SeparatedPapers, all_apart
from storage.sql.repositories.visibility import owned_by
from storage.sql.tables import CategoryRow, CounterRow, DescriptionRow, IdentifierRow, LinkRow, PaperRow

_COUNTER = CounterRow.name == "papers"
_LOCK = select(CounterRow.value).where(_COUNTER).with_for_update()
_COUNT_UP = update(CounterRow).where(_COUNTER).values(value=bindparam("taken"))


class PaperRows(Repository):
    """Writes papers in one transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._sequence: int | None = None
        self._apart = SeparatedPapers((), ())

    async def _lock(self) -> None:
        """Let one transaction at a time change papers.

        Then sequence numbers become visible in their order, and two that put the same paper find it.
        """
        if self._sequence is None:
            self._sequence = (await self._connection.run(_LOCK)).scalar_one()
            self._apart = await all_apart(self._connection)

    async def _next(self) -> int:
        assert self._sequence is not None
        self._sequence += 1
        await self._connection.run(_COUNT_UP, {"taken": self._sequence})
        return self._sequence

    async def _absorb(self, gone: int, kept: int) -> None:
        """Make two rows one."""
        await absorb(self._connection, gone, kept, await self._next())
        self._apart = await all_apart(self._connection)

    async def _absorb_owned(self, gone: int, kept: int) -> None:
        """Make a team's own row one with an open one."""
        await absorb_owned(self._connection, gone, kept, await self._next())
        self._apart = await all_apart(self._connection)

    async def _insert(self, draft: Paper | PaperDraft, now: datetime, team_id: int | None) -> int:
        row = await self._row(draft, now, team_id)
        insert = self._connection.insert(PaperRow).values(row).returning(PaperRow.id)
        paper_id = int((await self._connection.run(insert)).scalar_one())
        await self._put_parts(paper_id, draft, team_id)
        return paper_id

    async def _row(self, draft: Paper | PaperDraft, now: datetime, team_id: int | None) -> dict[str, Any]:
        return {
            **_columns(draft),
            "team_id": team_id,
            "added": now,
            "added_on": now.astimezone(UTC).date(),
            "sequence": await self._next(),
        }

    async def _put_parts(self, paper_id: int, draft: Paper | PaperDraft, team_id: int | None) -> None:
        await self._put_names(paper_id, draft.identifiers, team_id)
        await self._put_categories(paper_id, draft.categories)
        await self._put_links(paper_id, draft.links, team_id)

    async def _update(self, same: Sequence[Paper], together: Paper) -> None:
        known = same[0]
        columns = _columns(together)
        confirmed = together.source != SAMPLE and any(paper.source == SAMPLE for paper in same)
        if confirmed:
            columns["hidden"] = False
            ours = DescriptionRow.paper_id == known.id, DescriptionRow.source == SAMPLE
            await self._connection.run(delete(DescriptionRow).where(*ours))
        if len(same) > 1 or confirmed or together.text_hash != known.text_hash:
            columns["sequence"] = await self._next()
        await self._connection.run(update(PaperRow).where(PaperRow.id == known.id).values(columns))
        names = frozenset[Identifier]().union(*(paper.identifiers for paper in same))
        await self._put_names(known.id, together.identifiers - names, known.team_id)
        if together.categories != known.categories:
            await self._connection.run(delete(CategoryRow).where(CategoryRow.paper_id == known.id))
            await self._put_categories(known.id, together.categories)
        if together.links != known.links:
            of_record = LinkRow.paper_id == known.id, owned_by(known.team_id, LinkRow)
            await self._connection.run(delete(LinkRow).where(*of_record))
            await self._put_links(known.id, together.links, known.team_id)

    async def _put_names(self, paper_id: int, names: Collection[Identifier], team_id: int | None) -> None:
        if names:
            rows = [
                {"paper_id": paper_id, "scheme": name.scheme, "value": name.value, "team_id": team_id}
                for name in names
            ]
            insert = self._connection.insert(IdentifierRow)
            # What a team has said before of a name stands; a source's name is nobody else's.
            await self._connection.run(insert if team_id is None else insert.on_conflict_do_nothing(), rows)

    async def _put_categories(self, paper_id: int, categories: tuple[str, ...]) -> None:
        if categories:
            rows = [
                {"paper_id": paper_id, "category": category, "position": position}
                for position, category in enumerate(dict.fromkeys(categories))
            ]
            await self._connection.run(self._connection.insert(CategoryRow), rows)

    async def _put_links(self, paper_id: int, links: tuple[str, ...], team_id: int | None) -> None:
        rows = [
            {"paper_id": paper_id, "link_key": key, "position": position, "team_id": team_id}
            for position, key in enumerate(dict.fromkeys(filter(None, map(link_key, links))))
        ]
        if rows:
            await self._connection.run(self._connection.insert(LinkRow).on_conflict_do_nothing(), rows)


def _columns(paper: Paper | PaperDraft) -> dict[str, Any]:
    return {
        "title": paper.title,
        "abstract": paper.abstract,
        "title_key": title_key(paper.title),
        "text_hash": text_hash(paper.title, paper.abstract),
        "source": paper.source,
        "authors": list(paper.authors),
        "links": list(paper.links),
        "published": paper.published,
        "listed": paper.listed,
        "submitted_by": paper.submitted_by,
        "upvotes": paper.upvotes,
        "details": details_columns(paper.details),
        "origins": dict(paper.origins),
    }
