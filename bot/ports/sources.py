"""Ports of the paper sources."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay, SourceInfo


class Source(Protocol):
    """A place that papers come from. Its methods say which of the roles below it has."""

    info: SourceInfo


@runtime_checkable
class Feed(Protocol):
    """A source that lists new papers by day."""

    @property
    def name(self) -> str: ...

    @property
    def reach(self) -> int | None:
        """How many days back it can be asked; None for any number."""
        ...

    @property
    def settles(self) -> int:
        """Days after which the list of a day no longer changes."""
        ...

    @property
    def daily(self) -> bool:
        """Whether it has a list for each day, so that people are told of a missing one."""
        ...

    async def listed_on(self, day: date) -> SourceDay:
        """Return the papers of a day, and whether they are complete. Never raises if the source fails."""
        ...


@runtime_checkable
class Archive(Feed, Protocol):
    """A feed that can also be searched."""

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """Return the papers of a week or a month, both days included, as `listed_on` does."""
        ...

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Return the results of a query in the source's own syntax, best first.

        Raises:
            SourceUnavailable: the source did not answer.

        """
        ...


@runtime_checkable
class Catalogue(Protocol):
    """A source that finds papers by identifier and by title."""

    @property
    def name(self) -> str: ...

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return the papers that it knows, in no order.

        Raises:
            SourceUnavailable: the source did not answer.

        """
        ...

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with this title, ignoring case and punctuation; None if it has none.

        Raises:
            SourceUnavailable: the source did not answer.

        """
        ...


@runtime_checkable
class Citations(Protocol):
    """A source that knows who cites whom, and recommends papers."""

    @property
    def name(self) -> str: ...

    async def references(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return the papers that a paper cites.

        Raises:
            SourceUnavailable: the source did not answer.

        """
        ...

    async def citing(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return papers that cite a paper.

        Raises:
            SourceUnavailable: the source did not answer.

        """
        ...

    async def recommended(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return recommendations for readers of a paper, best first.

        Raises:
            SourceUnavailable: the source did not answer.

        """
        ...


@runtime_checkable
class WebPages(Protocol):
    """A source that reads a paper's web page at its publisher."""

    async def read(self, link: str) -> PaperDraft | None:
        """Return the paper that a page describes; None if it describes none.

        Raises:
            SourceUnavailable: the page cannot be fetched, or its host is not allowed.

        """
        ...
