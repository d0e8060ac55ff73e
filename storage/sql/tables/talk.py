"""What people do with papers: votes, messages, discussions and reading lists."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.message import MessageKind
from bot.domain.vote import VoteSource
from storage.sql.tables.base import NUMBERED, Base, of_team
from storage.sql.tables.papers import PaperRow
from storage.sql.types import choice

_ENDED = text("ended_at IS NOT NULL")


class VoteRow(Base):
    """One observation of a vote. The latest of a person, paper and channel that has not ended counts.

    A removed reaction stays as a tombstone for a while, so that an older event that arrives late does not
    bring it back.
    """

    __tablename__ = "vote_observations"
    __table_args__ = (
        of_team("channels", "channel_id"),
        of_team("people", "person_id"),
        UniqueConstraint("channel_id", "message", "person_id", "emoji"),
        CheckConstraint("value IN (-1, 0, 1)", name="value"),
        CheckConstraint("(source = 'reaction') = (message IS NOT NULL)", name="reaction_on_message"),
        CheckConstraint("source <> 'reaction' OR value <> 0", name="reaction_value"),
        CheckConstraint("(message IS NULL) = (emoji IS NULL)", name="reaction_by_emoji"),
        CheckConstraint("(message IS NULL) = (reported_at IS NULL)", name="reaction_reported_at"),
        CheckConstraint("ended_at IS NULL OR message IS NOT NULL", name="reaction_ends"),
        Index(None, "channel_id", "paper_id", "person_id", "observed_at", "id"),
        Index(None, "team_id", "paper_id"),
        Index("ix_vote_observations_ended", "ended_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
    person_id: Mapped[int]
    message: Mapped[str | None]
    emoji: Mapped[str | None]
    """The platform's name. Two skin tones are two reactions, though they mean one vote."""
    value: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[VoteSource] = mapped_column(choice(VoteSource, "source"))
    observed_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    """The time of the latest event about the reaction. Older events change nothing."""
    ended_at: Mapped[datetime | None]
    """When the reaction was removed."""


class ShownRow(Base):
    """A paper that a message shows. Messages are identified by channel and the platform's id."""

    __tablename__ = "shown_messages"
    __table_args__ = (
        of_team("channels", "channel_id"),
        UniqueConstraint("channel_id", "message", "paper_id"),
        Index(None, "channel_id", "paper_id", "shown_at"),
        Index(None, "shown_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
    place: Mapped[str]
    """The platform's id of the channel or thread that holds the message."""
    message: Mapped[str]
    thread: Mapped[str | None]
    shown: Mapped[MessageKind] = mapped_column(choice(MessageKind, "shown"))
    note: Mapped[str]
    shown_at: Mapped[datetime]
    recounted_at: Mapped[datetime | None]
    """When its reactions were last counted on the platform."""
    counted_to: Mapped[datetime | None]
    """The platform's time of the last full count. Older events are part of that count already."""
    drawn_up: Mapped[int] = mapped_column(server_default="0")
    drawn_down: Mapped[int] = mapped_column(server_default="0")
    """The votes that the message displays."""


class DiscussionRow(Base):
    """A message whose thread is about a paper."""

    __tablename__ = "discussions"
    __table_args__ = (
        of_team("channels", "channel_id"),
        of_team("people", "opened_by"),
        UniqueConstraint("channel_id", "message"),
        UniqueConstraint("team_id", "id"),
        Index(None, "channel_id", "paper_id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    channel_id: Mapped[int]
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
    place: Mapped[str]
    message: Mapped[str]
    thread: Mapped[str | None]
    opened_by: Mapped[int]
    opened_at: Mapped[datetime]


class AnsweredLinkRow(Base):
    """When a link to a paper was last answered in a channel."""

    __tablename__ = "answered_links"
    __table_args__ = (of_team("channels", "channel_id"),)

    channel_id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), primary_key=True, index=True)
    team_id: Mapped[int]
    answered_at: Mapped[datetime]


class CommentRow(Base):
    """A message in a discussion."""

    __tablename__ = "discussion_messages"
    __table_args__ = (of_team("discussions", "discussion_id"), of_team("people", "person_id"))

    discussion_id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    person_id: Mapped[int]
    posted_at: Mapped[datetime]


class SubmissionRow(Base):
    """A person who added a paper to a channel."""

    __tablename__ = "submissions"
    __table_args__ = (
        of_team("channels", "channel_id"),
        of_team("people", "person_id"),
        Index(None, "channel_id", "paper_id", "added_at"),
    )

    channel_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), primary_key=True, index=True)
    team_id: Mapped[int]
    added_at: Mapped[datetime]


class SavedRow(Base):
    """A paper on a person's reading list."""

    __tablename__ = "saved"
    __table_args__ = (of_team("people", "person_id"), Index(None, "person_id", "saved_at"))

    person_id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), primary_key=True, index=True)
    team_id: Mapped[int]
    saved_at: Mapped[datetime]
