"""How polls of sources went, by day."""

from datetime import date
from typing import Protocol

from bot.domain.source import SourceRun


class SourceRuns(Protocol):
    """How the polls of each source went, one row a source and day."""

    async def record(self, run: SourceRun) -> None:
        """Store the latest run of a source's day, in place of the one before."""
        ...

    async def latest(self) -> list[SourceRun]:
        """Return the run of each source's latest day."""
        ...

    async def since(self, day: date, source: str | None = None) -> list[SourceRun]:
        """Return the runs from `day` on, by source and day. With `source`, only that source's."""
        ...
