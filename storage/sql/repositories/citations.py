"""Which papers cite which, as far as sources have told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from bot.domain.identifiers import Identifier
from bot.ports.store.citations import Citation, CitationLink
from storage.sql.connection import Repository
from storage.sql.repositories.visibility import readable
from storage.sql.tables import CitationRow, IdentifierRow
from storage.sql.types import among_numbers, among_texts

_REFERENCES = select(CitationRow.cited).where(among_texts(CitationRow.citing, "names"))
_TO_ANY = select(CitationRow.citing, CitationRow.cited).where(
    among_texts(CitationRow.citing, "names"), among_texts(CitationRow.cited, "works")
)


class SqlCitations(Repository):
    """Citations in the database."""

    async def put(self, citations: Iterable[Citation], source: str, at: datetime) -> None:
        rows = [
            {"citing": str(each.citing), "cited": str(each.cited), "source": source, "seen_at": at}
            for each in dict.fromkeys(citations)
            if each.citing != each.cited
        ]
        if rows:
            await self._connection.run(self._connection.insert(CitationRow).on_conflict_do_nothing(), rows)

    async def links(
        self, paper_id: int, paper_ids: Collection[int], team_id: int | None = None
    ) -> Mapping[int, CitationLink]:
        names = await self._names([paper_id, *paper_ids], team_id)
        own = names.pop(paper_id, set())
        if not own or not names:
            return {}
        references = set((await self._connection.run(_REFERENCES, {"names": own})).scalars())
        rows = await self._connection.run(
            _TO_ANY, {"names": set().union(*names.values()), "works": references | own}
        )
        cited_by: defaultdict[str, set[str]] = defaultdict(set)
        for citing, cited in rows:
            cited_by[citing].add(cited)
        links = {other: _link(own, references, each, cited_by) for other, each in names.items()}
        return {other: link for other, link in links.items() if any(link)}

    async def _names(self, paper_ids: Collection[int], team_id: int | None) -> dict[int, set[str]]:
        """Return the names of each paper that has any for the team."""
        wanted = select(IdentifierRow.paper_id, IdentifierRow.scheme, IdentifierRow.value).where(
            among_numbers(IdentifierRow.paper_id, "paper_ids"), readable(team_id, IdentifierRow)
        )
        names: defaultdict[int, set[str]] = defaultdict(set)
        for row in await self._connection.run(wanted, {"paper_ids": paper_ids}):
            names[row.paper_id].add(str(Identifier(row.scheme, row.value)))
        return dict(names)


def _link(
    own: set[str], references: set[str], names: set[str], cited_by: Mapping[str, set[str]]
) -> CitationLink:
    """Link a paper with these names to the one with `own` names and `references`."""
    cited: set[str] = set().union(*(cited_by.get(each, ()) for each in names))
    return CitationLink(bool(cited & own), bool(names & references), len(cited & references))
