"""What a team has done with its papers, and lists that are turned page by page."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.message import MessageRef
from bot.domain.vote import TallyCount


@dataclass(frozen=True, slots=True)
class Activity:
    """What a team and a paper's source did with it lately, for trending."""

    paper_id: int
    day: date
    """The day the paper is from: listed, else published, else added."""
    upvotes: int = 0
    """At the source."""
    tally: TallyCount = TallyCount()
    """The team's since the day asked for, one vote a person; direct messages are left out."""
    comments: int = 0


class ActivityKind(StrEnum):
    """What a channel did with a paper."""

    POSTED = "posted"
    SHOWN = "shown"
    DISCUSSED = "discussed"
    VOTED = "voted"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """The last thing that happened to a paper in a channel."""

    paper_id: int
    activities: frozenset[ActivityKind]
    last: datetime
    message: MessageRef | None = None
    tally: TallyCount = TallyCount()


@dataclass(frozen=True, slots=True)
class ResultList:
    """A list as somebody saw it, so that its pages and its Share button keep meaning the same."""

    id: str
    command: str
    text: str
    """The command's arguments as text."""
    paper_ids: tuple[int, ...] = ()
    person_id: int | None = None
    channel_id: int | None = None
    expires: datetime | None = None
    sentences: dict[int, int] = field(default_factory=dict)
    """By paper, the place of the sentence that matched, counted from 0."""
