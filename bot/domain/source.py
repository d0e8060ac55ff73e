"""Paper sources: what each declares of itself, what its records say, and how its polls went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.paper import PaperDraft

OPERATOR = "operator"
"""The source of the operator's own edits. No other source replaces them."""
PEOPLE = "people"
"""The source of titles that people type."""
LINK = "link"
"""The source of a paper known only by its link, which then serves as its title."""
SAMPLE = "sample"
"""The source of the sample papers. Their texts go as soon as another source describes the paper."""
UNRANKED = 500
"""The precedence of a source that declares none, such as an imported file."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source declares of itself. The core knows nothing else about it."""

    name: str
    """Its name in the database, in commands and in settings."""
    label: str
    """Its name for people."""
    precedence: int = UNRANKED
    """Whose value wins when two sources give one: the lower number's. No two sources share one."""
    field_precedence: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Fields with an order of their own. A source that ranks itself there beats all that do not."""
    identifies: bool = False
    """Whether it keeps one record an identifier, so that a new title is still the same record."""
    exact_days: bool = False
    """Whether it gives whole days, so that the first of a month does not stand for a month or a year."""
    watched: bool = False
    """Whether it reports new versions, withdrawals or retractions, and so is asked about known papers."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a record of a source said of a paper, the last time."""

    source: str
    record: str
    seen: datetime
    draft: PaperDraft | None
    """None where no more than a digest was kept."""
    digest: str = ""
    aside: bool = False
    """Whether a later version took its place. It is kept only to be known when it comes again."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the paper's other descriptions."""
        return self.source, self.record


_registry = {
    info.name: info
    for info in (
        SourceInfo(OPERATOR, "the operator", 0),
        SourceInfo(PEOPLE, PEOPLE, UNRANKED + 10),
        SourceInfo(LINK, LINK, UNRANKED + 20),
        SourceInfo(SAMPLE, SAMPLE, UNRANKED + 30),
    )
}


def register(*sources: SourceInfo) -> None:
    """Make sources known. `app/sources.py` does so when it is imported, and nobody else."""
    _registry.update({info.name: info for info in sources})


def source_info(name: str) -> SourceInfo:
    """Return what a source declares; a source that nobody registered, such as a file, is unranked."""
    return _registry.get(name) or SourceInfo(name, name)


def is_registered(name: str) -> bool:
    """Whether a source is known. Others are files, of which two of one name may differ."""
    return name in _registry


def registered_sources() -> Iterator[SourceInfo]:
    """Yield every registered source, in no order."""
    yield from _registry.values()


class SourceState(StrEnum):
    """How the fetch of a source's day went."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceDay:
    """What a source listed on one day; `detail` says why it is not complete."""

    drafts: tuple[PaperDraft, ...]
    state: SourceState
    detail: str = ""
    revised: tuple[PaperDraft, ...] = ()
    """New versions of papers. They matter only where the paper is already stored."""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """One fetch of one source's day."""

    source: str
    day: date
    state: SourceState
    papers: int
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourcePoll:
    """How far the polling of a source has come."""

    name: str
    complete_through: date | None = None
    """The last day that needs no further poll; None before the first, or if the source has no days."""
    polled_at: datetime | None = None
    error: str = ""
    """What went wrong in the last poll; empty if nothing did."""
