"""How the polls of sources went."""

from datetime import date
from typing import Protocol

from bot.domain.source import SourceRun


class SourceRuns(Protocol):
    """How the sources' days went."""

    async def record(self, run: SourceRun) -> None:
        """Keep the latest run of a source's day."""
        ...

    async def latest(self) -> list[SourceRun]:
        """How each source's latest day went."""
        ...

    async def since(self, day: date, source: str | None = None) -> list[SourceRun]:
        """How the days from one day on went, of one source or of all, by source and day."""
        ...
