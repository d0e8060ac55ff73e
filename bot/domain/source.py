"""How the polls of paper sources went."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.paper import PaperDraft


class SourceState(StrEnum):
    """How a source's day went."""

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
    """New versions of papers that are news only to who knows the paper."""


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
    """Where the asking of a source stands."""

    name: str
    complete_through: date | None = None
    """Days up to this one need not be fetched again. None if it has no days, or none yet."""
    polled_at: datetime | None = None
    error: str = ""
    """What was wrong the last time."""
