"""Which papers cite which, as far as sources have told."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.domain.identifiers import Identifier


class Citation(NamedTuple):
    """One work cites another. Neither has to be a stored paper."""

    citing: Identifier
    cited: Identifier


class CitationLink(NamedTuple):
    """How a paper is linked to another one by citations."""

    cites: bool = False
    """Whether it cites the other paper."""
    cited: bool = False
    """Whether the other paper cites it."""
    shared_references: int = 0


class Citations(Protocol):
    """Who cites whom, told by open sources, so the same for every team."""

    async def put(self, citations: Iterable[Citation], source: str, at: datetime) -> None:
        """Record what a source tells. The first source that tells of a citation keeps it."""
        ...

    async def links(
        self, paper_id: int, paper_ids: Collection[int], team_id: int | None = None
    ) -> Mapping[int, CitationLink]:
        """Return by id how other papers are linked to a paper, among those that the team may read.

        Papers without a link are left out.
        """
        ...
