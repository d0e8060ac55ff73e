"""Subscriptions, their due times, digests and posts."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.channel import Layout
from bot.domain.post import DigestKind, PostState
from storage.sql.tables.base import NUMBERED, Base, of_team
from storage.sql.tables.papers import NewsRow, PaperRow
from storage.sql.types import choice


class SubscriptionRow(Base):
    """A topic that a channel follows. Ended ones stay, because past digests refer to them."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        of_team("channels", "channel_id"),
        of_team("people", "created_by"),
        UniqueConstraint("channel_id", "id"),
        Index(
            "uq_subscriptions_channel_id_topic_key",
            "channel_id",
            "topic_key",
            unique=True,
            sqlite_where=text("NOT ended"),
            postgresql_where=text("NOT ended"),
        ),
        CheckConstraint("topic_key <> ''", name="topic_key"),
        CheckConstraint("days BETWEEN 1 AND 127", name="days"),
        CheckConstraint("min_votes >= 0", name="min_votes"),
        CheckConstraint("top > 0", name="top"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    topic: Mapped[str]
    topic_key: Mapped[str]
    at: Mapped[time]
    timezone: Mapped[str]
    days: Mapped[int]
    """A bit for each weekday, Monday the lowest."""
    categories: Mapped[list[str]] = mapped_column(JSON)
    min_votes: Mapped[int]
    top: Mapped[int]
    trending: Mapped[bool] = mapped_column(server_default=false())
    created_by: Mapped[int]
    created: Mapped[datetime]
    paused: Mapped[bool]
    ended: Mapped[bool]


class SlotRow(Base):
    """When a channel's slot is due next."""

    __tablename__ = "slots"
    __table_args__ = (
        of_team("channels", "channel_id"),
        UniqueConstraint("channel_id", "at", "timezone"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    at: Mapped[time]
    timezone: Mapped[str]
    due_at: Mapped[datetime]
    not_before: Mapped[datetime] = mapped_column(index=True)
    """When it may be claimed. A claim moves this to the end of its lease."""
    set_at: Mapped[datetime] = mapped_column(index=True)
    """When the due time was computed. A time in the future shows that the clock was set back since."""


class DigestRow(Base):
    """The one digest of a channel, slot and local date."""

    __tablename__ = "digests"
    __table_args__ = (
        of_team("channels", "channel_id"),
        UniqueConstraint("channel_id", "at", "timezone", "local_date"),
        UniqueConstraint("channel_id", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    at: Mapped[time]
    timezone: Mapped[str]
    local_date: Mapped[date]
    kind: Mapped[DigestKind] = mapped_column(choice(DigestKind, "kind"))
    warning: Mapped[str]
    planned_at: Mapped[datetime]
    layout: Mapped[Layout | None] = mapped_column(choice(Layout, "layout"))
    """The channel's layout when it was planned. None for digests from before this was stored."""
    single: Mapped[bool] = mapped_column(server_default=false())
    """Whether one post shows all its papers. Then its items have no posts of their own."""


class DigestItemRow(Base):
    """A paper in a digest. A channel gets a paper only once, unless its post was given up."""

    __tablename__ = "digest_items"
    __table_args__ = (
        of_team("channels", "channel_id"),
        ForeignKeyConstraint(
            ["channel_id", "digest_id"], [DigestRow.channel_id, DigestRow.id], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["channel_id", "subscription_id"], [SubscriptionRow.channel_id, SubscriptionRow.id]
        ),
        UniqueConstraint("digest_id", "id"),
        UniqueConstraint("digest_id", "position"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        Index(
            "uq_digest_items_channel_id_paper_id",
            "channel_id",
            "paper_id",
            unique=True,
            sqlite_where=text("NOT given_up"),
            postgresql_where=text("NOT given_up"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    digest_id: Mapped[int]
    position: Mapped[int]
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
    subscription_id: Mapped[int]
    score: Mapped[float] = mapped_column(Float)
    given_up: Mapped[bool]


_CONFIRMED = "state IN ('sent', 'resolved')"
_OPEN = text("state IN ('planned', 'sending', 'unknown')")
_FOUND = text("state = 'resolved'")


class PostRow(Base):
    """One message on its way: of a digest, with news of a paper in a discussion, or with a request.

    In a digest, part 0 is the overview. Each other part shows one item. A single digest has part 0 alone.
    """

    __tablename__ = "posts"
    __table_args__ = (
        of_team("channels", "channel_id"),
        ForeignKeyConstraint(
            ["channel_id", "digest_id"], [DigestRow.channel_id, DigestRow.id], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["digest_id", "item_id"], [DigestItemRow.digest_id, DigestItemRow.id], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["digest_id", "depends_on"], ["posts.digest_id", "posts.id"], ondelete="CASCADE"
        ),
        of_team("discussions", "discussion_id"),
        UniqueConstraint("news_id", "channel_id"),
        UniqueConstraint("digest_id", "part"),
        UniqueConstraint("digest_id", "id"),
        UniqueConstraint("item_id"),
        UniqueConstraint("token"),
        CheckConstraint(
            "(digest_id IS NULL) = ((news_id IS NULL) <> (request IS NULL))"
            " AND (news_id IS NULL OR request IS NULL)",
            name="digest_or_news",
        ),
        CheckConstraint("(news_id IS NULL) = (discussion_id IS NULL)", name="news_in_discussion"),
        CheckConstraint("part >= 0", name="part"),
        CheckConstraint("(part = 0) = (item_id IS NULL)", name="overview_has_no_item"),
        CheckConstraint("(part = 0) = (depends_on IS NULL)", name="parts_depend_on_overview"),
        CheckConstraint("length(token) BETWEEN 1 AND 25", name="token"),
        CheckConstraint(f"({_CONFIRMED}) = (message IS NOT NULL)", name="confirmed_has_message"),
        CheckConstraint("(message IS NULL) = (place IS NULL)", name="message_in_place"),
        CheckConstraint("(message IS NULL) = (sent_at IS NULL)", name="message_sent_at"),
        CheckConstraint("state <> 'sending' OR lease_owner IS NOT NULL", name="sending_has_lease"),
        CheckConstraint("state IN ('sending', 'unknown') OR lease_owner IS NULL", name="lease_while_open"),
        CheckConstraint("(lease_owner IS NULL) = (lease_until IS NULL)", name="lease_whole"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(None, "channel_id", "message"),
        Index("ix_posts_found", "sent_at", sqlite_where=_FOUND, postgresql_where=_FOUND),
        Index("ix_posts_open", "channel_id", "news_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    digest_id: Mapped[int | None]
    news_id: Mapped[int | None] = mapped_column(ForeignKey(NewsRow.id))
    discussion_id: Mapped[int | None] = mapped_column(index=True)
    part: Mapped[int]
    depends_on: Mapped[int | None]
    item_id: Mapped[int | None]
    token: Mapped[str]
    state: Mapped[PostState] = mapped_column(choice(PostState, "state"))
    planned_at: Mapped[datetime]
    not_before: Mapped[datetime]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    place: Mapped[str | None]
    message: Mapped[str | None]
    thread: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    detail: Mapped[str]
    notified_at: Mapped[datetime | None]
    """When people were told that it failed."""
    crashes: Mapped[int] = mapped_column(server_default="0")
    """How often a worker crashed while sending it, or failed in an unforeseen way."""
    searched_to: Mapped[str | None]
    """The platform's cursor at which the search for a lost post continues. None starts again."""
    resends: Mapped[int] = mapped_column(server_default="0")
    """How often it was sent again on a platform that cannot be asked whether it had arrived."""
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the owner of a mail address is asked to confirm."""


class QueueRow(Base):
    """When the first open post of a channel may be claimed. Digests and news have a queue each.

    So neither waits for the other. Every change of a post recomputes the row. Too early a time does no harm:
    the claim then recomputes it too.
    """

    __tablename__ = "queues"
    __table_args__ = (
        of_team("channels", "channel_id"),
        UniqueConstraint("channel_id", "news"),
        Index(None, "next_at", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    news: Mapped[bool]
    next_at: Mapped[datetime | None]
    """None if no post is open."""
    not_before: Mapped[datetime]
    """No post before then: the platform limits how many it accepts."""
