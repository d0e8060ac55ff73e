"""What each record of each source said of a paper."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.paper import PaperDraft
from bot.domain.source import Description


class SourceRecords(Protocol):
    """Descriptions of papers, each stored whole under the name of the source's record."""

    async def of_paper(self, paper_id: int) -> list[Description]:
        """Return a paper's descriptions in the order of arrival, without those set aside."""
        ...

    async def of_source(self, paper_id: int, source: str) -> list[Description]:
        """Return a source's descriptions of a paper in any order, with those set aside."""
        ...

    async def papers_with(self, record: str) -> frozenset[int]:
        """Return the papers of any owner that have this record."""
        ...

    async def find_open_by_digest(self, digest: str) -> int | None:
        """Return the open paper with a description of exactly this content, None if there is none."""
        ...

    async def put(self, paper_id: int, record: str, draft: PaperDraft, seen: datetime) -> None:
        """Store what a record says, in place of what it said before."""
        ...

    async def set_aside(self, paper_id: int, description: Description) -> None:
        """Keep a description only to recognise it when it comes again. `of_paper` leaves it out."""
        ...

    async def delete(self, paper_id: int, source: str, records: Collection[str]) -> None:
        """Delete these records of a source."""
        ...

    async def delete_source(self, paper_id: int, source: str) -> None:
        """Delete all that a source said of a paper."""
        ...

    async def move(self, paper_id: int, descriptions: Collection[Description], new_id: int) -> None:
        """Move descriptions from one paper to another."""
        ...
