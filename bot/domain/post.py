"""Digests, and the posts that carry them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from bot.domain.channel import Channel
from bot.domain.mailbox import MailboxRequest
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
"""Identifies a digest: a channel's id, a slot and a local date. There is at most one digest per key."""


class DigestKind(StrEnum):
    """What a digest contains."""

    PAPERS = "papers"
    NOTHING_NEW = "nothing_new"
    WARNING = "warning"
    """Only a warning that a source could not be read."""


@dataclass(frozen=True, slots=True)
class DigestPlan:
    """A digest before it is stored: one per channel, slot and local date."""

    channel: Channel
    slot: Slot
    local_date: date
    kind: DigestKind
    items: tuple[DigestItem, ...] = ()
    warning: str = ""
    """A warning to show, such as a source that did not answer; empty if there is none."""
    single: bool = False
    """Whether one post shows all its papers, as in a mail. Otherwise each paper has a post of its own."""


class PostState(StrEnum):
    """The delivery state of one message."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """Sent without an answer: it may be on the platform or not."""
    RESOLVED = "resolved"
    """Was unknown, then found on the platform."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Post:
    """One message in the outbox: a part of a digest, news of a paper for its discussion, or a request.

    Part 0 of a digest is the overview; each other part shows one paper. In a single digest, part 0 is all.
    """

    id: int
    digest_id: int | None
    channel: Channel
    part: int
    token: str
    """Unique. It is sent along, so that the platform can be asked whether the message was posted."""
    state: PostState
    planned: datetime
    attempts: int
    item: DigestItem | None = None
    news: News | None = None
    parent: MessageRef | None = None
    """The message to post under: the digest's overview, once sent, or the discussion's first message."""
    notified: bool = False
    """Whether people were notified of trouble with it, or with another post of its digest."""
    crashes: int = 0
    """How often a process died while it held the lease, or failed with an unexpected error."""
    searched_to: str | None = None
    """The platform's cursor at which to continue looking for it; None to start at the beginning."""
    resends: int = 0
    """How often it was sent again without knowing whether it had arrived. See `Surface.max_resends`."""
    request: MailboxRequest | None = field(default=None, hash=False)
    """What the owner of a mail address is asked to confirm."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem with a digest's posts, or with a post of news, for the operator."""

    post: Post
    """One of the open posts, else the first failed one."""
    detail: str
    """The post's last error."""
    open: int
    """How many posts are unknown, or not sent yet after a crash."""
    failed: int


@dataclass(frozen=True, slots=True)
class PostedPaper:
    """A paper that a digest has brought to a channel, the topic that it fits, and when."""

    paper_id: int
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredDigest:
    """A stored digest, and when it was planned."""

    id: int
    plan: DigestPlan
    planned: datetime
