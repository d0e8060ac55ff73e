"""Rows that are kept for a while: result lists, received events, polls of sources, restores."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.channel import Platform
from bot.domain.source import SourceState
from storage.sql.tables.base import Base, of_team
from storage.sql.tables.papers import PaperRow
from storage.sql.types import choice


class ResultListRow(Base):
    """A result list as somebody saw it."""

    __tablename__ = "result_lists"
    __table_args__ = (
        of_team("people", "person_id"),
        of_team("channels", "channel_id"),
        CheckConstraint(
            "team_id IS NOT NULL OR (person_id IS NULL AND channel_id IS NULL)", name="owned_by_team"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[int | None]
    person_id: Mapped[int | None]
    channel_id: Mapped[int | None]
    command: Mapped[str]
    text: Mapped[str]
    paper_ids: Mapped[list[int]] = mapped_column(JSON)
    sentences: Mapped[dict[str, int]] = mapped_column(JSON)
    expires: Mapped[datetime | None] = mapped_column(index=True)


class EventRow(Base):
    """A received event of a platform."""

    __tablename__ = "inbox"

    platform: Mapped[Platform] = mapped_column(String(32), primary_key=True)
    workspace: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime] = mapped_column(index=True)


class SourceRunRow(Base):
    """The latest fetch of a source's day."""

    __tablename__ = "source_runs"
    __table_args__ = (CheckConstraint("papers >= 0", name="papers"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[SourceState] = mapped_column(choice(SourceState, "state"))
    papers: Mapped[int]
    at: Mapped[datetime]
    detail: Mapped[str]


class SourcePollRow(Base):
    """When a source is polled next, and who polls it now under a lease."""

    __tablename__ = "source_polls"
    __table_args__ = (CheckConstraint("(lease_owner IS NULL) = (lease_until IS NULL)", name="lease_whole"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    complete_through: Mapped[date | None]
    """Days up to this one need not be fetched again."""
    due_at: Mapped[datetime]
    polled_at: Mapped[datetime | None]
    error: Mapped[str]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]


class SourceCheckRow(Base):
    """When a source was last asked for news of a paper."""

    __tablename__ = "source_checks"

    source: Mapped[str] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(
        ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]


class RestoreRow(Base):
    """A restore from a backup."""

    __tablename__ = "restores"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    posted_through: Mapped[date] = mapped_column(index=True)
    """Papers that arrived up to this day may have been posted by digests that the backup lacks."""
