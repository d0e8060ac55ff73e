"""Digests, and the posts that they are sent as."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from bot.domain.channel import Channel
from bot.domain.message import MessageRef
from bot.domain.paper import News
from bot.domain.subscription import Slot


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One paper in a digest, under the subscription that it fits best; `score` is in [0, 1]."""

    paper_id: int
    subscription_id: int
    score: float


DigestKey: TypeAlias = tuple[int, Slot, date]
"""What there is one digest of: a channel by its number, a slot and a local date."""


class DigestKind(StrEnum):
    """What a digest says."""

    PAPERS = "papers"
    NOTHING_NEW = "nothing_new"
    WARNING = "warning"
    """Only that a source is missing."""


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """A digest before it is stored: one a channel, slot and local date."""

    channel: Channel
    slot: Slot
    local_date: date
    kind: DigestKind
    items: tuple[DigestItem, ...] = ()
    warning: str = ""
    """What the people should know today, such as a source that did not answer."""


class PostState(StrEnum):
    """Where one message of a digest stands on its way to the platform."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """Asked for, with no answer: it may stand there or not."""
    RESOLVED = "resolved"
    """Was unknown and then found on the platform."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Post:
    """One message on its way: of a digest, or with news of a paper in its discussion.

    A digest's part 0 is the overview, the others one paper each.
    """

    id: int
    digest_id: int | None
    channel: Channel
    part: int
    token: str
    """Unique; the platform can be asked whether a message with it stands there."""
    state: PostState
    planned: datetime
    attempts: int
    item: DigestItem | None = None
    news: News | None = None
    parent: MessageRef | None = None
    """The overview's message, once that stands, or the discussion's."""
    notified: bool = False
    """Whether people were notified of trouble with it, or with another post of its digest."""
    crashes: int = 0
    """How often whoever had claimed it ended without a word, or failed in a way that nobody foresaw."""
    searched_to: str | None = None
    """The platform's cursor from which it is to be looked for on; None from the beginning."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a digest's posts, or with one that has news."""

    post: Post
    """One of those that are still open, else the first that failed."""
    detail: str
    """What is wrong with it."""
    open: int
    """How many are in doubt, or not sent yet after a crash."""
    failed: int


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A digest as it was planned."""

    id: int
    plan: DigestPlan
    planned: datetime
