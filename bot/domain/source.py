"""Sources of papers: what their records say, and how their polls went."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.paper import PaperDraft

OPERATOR = "operator"
"""The source of what the operator has put right: no other's word takes its place."""
SAMPLE = "sample"
"""The source of texts that were written to try the bot out; they go once another tells of the paper."""
LINK = "link"
"""The source of what is known of a paper by its link alone, which stands in its title's place."""
PAGE = "page"
"""The source of what a publisher's page says that somebody linked to."""


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
    settled: date | None = None
    """Through this day its days need not be asked for again; None where it has no days, or none yet."""
    asked: datetime | None = None
    trouble: str = ""
    """What was wrong the last time."""
