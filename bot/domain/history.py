"""A team's activity on papers, and lists of several pages."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.message import MessageRef
from bot.domain.vote import TallyCount


@dataclass(frozen=True, slots=True)
class Activity:
    """Recent activity on a paper, in the team and at its source, for ranking."""

    paper_id: int
    day: date
    """The paper's day: when it was listed, else published, else added."""
    upvotes: int = 0
    """At the paper's source."""
    tally: TallyCount = TallyCount()
    """The team's votes in the period, one per person. Direct messages do not count."""
    comments: int = 0


class ActivityKind(StrEnum):
    """What happened to a paper in a channel."""

    POSTED = "posted"
    SHOWN = "shown"
    DISCUSSED = "discussed"
    VOTED = "voted"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A paper in a channel's history, with the time and message of the last activity."""

    paper_id: int
    activities: frozenset[ActivityKind]
    last: datetime
    message: MessageRef | None = None
    tally: TallyCount = TallyCount()


@dataclass(frozen=True, slots=True)
class ResultList:
    """A list as a person saw it, so that its pages and its Share button do not change under them."""

    id: str
    command: str
    text: str
    """The command's arguments as text."""
    paper_ids: tuple[int, ...] = ()
    person_id: int | None = None
    channel_id: int | None = None
    expires: datetime | None = None
    sentences: dict[int, int] = field(default_factory=dict)
    """By paper id: the index of the matching sentence, from 0."""
