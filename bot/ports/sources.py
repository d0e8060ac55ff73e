"""Where papers come from."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay


class Feed(Protocol):
    """A place at which new papers come by the day."""

    @property
    def name(self) -> str: ...

    @property
    def reach(self) -> int | None:
        """For how many days back it can be asked; None: for any."""
        ...

    @property
    def settles(self) -> int:
        """After how many days a day's list changes no more."""
        ...

    @property
    def daily(self) -> bool:
        """Whether it lists papers by the day, so that people miss a day that did not come."""
        ...

    async def listed_on(self, day: date) -> SourceDay:
        """What was listed on a day, with whether that is all; never raises for a failing source."""
        ...


class Archive(Feed, Protocol):
    """A feed that can be looked through."""

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """What was listed in a week or a month, both days included, as `listed_on` tells it."""
        ...

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Papers that the source finds for a query in its own language, best first.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...


class Catalogue(Protocol):
    """A place that knows papers by their names."""

    @property
    def name(self) -> str: ...

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Those of these papers that it knows, in no order.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """The paper that has just this title, whatever its letters' case and marks.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...


class Citations(Protocol):
    """A place that knows which papers belong together."""

    async def references(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """What a paper cites.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...

    async def recommended(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """What it recommends to who reads a paper, best first.

        Raises:
            SourceUnavailable: it could not be asked.

        """
        ...


class WebPages(Protocol):
    """Papers' own pages at their publishers."""

    async def read(self, link: str) -> PaperDraft | None:
        """What a page says of its paper, None where it says nothing that can be read.

        Raises:
            SourceUnavailable: it could not be fetched, or may not be.

        """
        ...
