"""Where papers come from."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay


class Feed(Protocol):
    """A source that lists new papers by the day."""

    @property
    def name(self) -> str: ...

    @property
    def reach(self) -> int | None:
        """How many days back it can be asked. None means any number."""
        ...

    @property
    def settles(self) -> int:
        """After how many days a day's list no longer changes."""
        ...

    @property
    def daily(self) -> bool:
        """Whether it publishes a list each day. If so, people are told when a day is missing."""
        ...

    async def listed_on(self, day: date) -> SourceDay:
        """Return what was listed on a day, and whether that is all. Never raises for a failing source."""
        ...


class Archive(Feed, Protocol):
    """A feed that can also be searched."""

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """Return what was listed from `first` to `last`, both included: a week or a month."""
        ...

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Return papers for a query in the source's own query language, best first.

        Raises:
            SourceUnavailable: the source could not be asked.

        """
        ...


class Catalogue(Protocol):
    """A source that finds papers by their identifiers."""

    @property
    def name(self) -> str: ...

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return those of these papers that the source has, in no order.

        Raises:
            SourceUnavailable: the source could not be asked.

        """
        ...

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with exactly this title, None if there is none.

        Case and punctuation do not matter.

        Raises:
            SourceUnavailable: the source could not be asked.

        """
        ...


class Citations(Protocol):
    """A source that knows which papers cite which."""

    async def references(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return up to `limit` papers that a paper cites.

        Raises:
            SourceUnavailable: the source could not be asked.

        """
        ...

    async def recommended(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return up to `limit` papers that the source recommends to readers of a paper, best first.

        Raises:
            SourceUnavailable: the source could not be asked.

        """
        ...


class WebPages(Protocol):
    """Papers' own pages at their publishers."""

    async def read(self, link: str) -> PaperDraft | None:
        """Return what a page says of its paper, None if it has nothing that can be read.

        Raises:
            SourceUnavailable: the page could not be fetched, or may not be.

        """
        ...
