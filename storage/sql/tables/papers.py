"""Papers, their names and their vectors: open ones that all teams share, and each team's own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.identifier_tables import Scheme
from bot.domain.paper import Change
from storage.sql.tables.base import NUMBERED, Base
from storage.sql.tables.people import TeamRow
from storage.sql.types import choice

_OF_A_TEAM = text("team_id IS NOT NULL")
_OPEN = text("team_id IS NULL")
_SAMPLES = text("source = 'sample'")


class PaperRow(Base):
    """A paper; whoever changes its text gives it the next sequence number.

    Open ones have no team. The others are known from a team's own people alone, and only it reads them.
    Samples are hidden wherever the database is not for trying out, until a source tells of the paper.
    """

    __tablename__ = "papers"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("upvotes >= 0", name="upvotes"),
        Index(None, "title_key", postgresql_using="hash"),
        Index(None, "team_id", sqlite_where=_OF_A_TEAM, postgresql_where=_OF_A_TEAM),
        Index("ix_papers_samples", "hidden", sqlite_where=_SAMPLES, postgresql_where=_SAMPLES),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(unique=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey(TeamRow.id))
    source: Mapped[str]
    submitted_by: Mapped[str | None]
    upvotes: Mapped[int]
    published: Mapped[date | None]
    listed: Mapped[date | None]
    added: Mapped[datetime]
    added_on: Mapped[date]
    dated: Mapped[date] = mapped_column(
        Computed("coalesce(published, listed, added_on)", persisted=True), index=True
    )
    """The day that filters compare with."""
    arrived: Mapped[date] = mapped_column(
        Computed("coalesce(listed, published, added_on)", persisted=True), index=True
    )
    """The day that digests compare with."""
    title_key: Mapped[str]
    text_hash: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    authors: Mapped[list[str]] = mapped_column(JSON)
    links: Mapped[list[str]] = mapped_column(JSON)
    abstract: Mapped[str]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What sources tell beside the text, without what is empty."""
    origins: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """The sources of those fields that are not from `source`."""
    hidden: Mapped[bool] = mapped_column(server_default=false())
    """Whether nobody reads it. What people did with it stays, and counts again once it is shown."""


class DescriptionRow(Base):
    """What a record of a source said of a paper, the last time.

    What comes again just so is known by its digest, and changes nothing. Of what was said before texts were
    kept there is the digest alone, and no record.
    """

    __tablename__ = "descriptions"
    __table_args__ = (CheckConstraint("(record = '') = (draft IS NULL)", name="kept_whole"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True, index=True)
    """The record's name, as `bot/domain/descriptions.py` makes it."""
    digest: Mapped[str] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """All that it said, without what is empty; formats bound how long that is."""


class SeparatedPaperRow(Base):
    """Two papers that the operator has parted: nothing that comes in makes them one again."""

    __tablename__ = "separated_papers"
    __table_args__ = (CheckConstraint("paper_id < other_id", name="in_order"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(
        ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True, index=True
    )


class RejectedIdentifierRow(Base):
    """A name that sources give a paper and that is not its own, by the operator's word."""

    __tablename__ = "rejected_identifiers"

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[Scheme] = mapped_column(choice(Scheme, "scheme"), primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class NewsRow(Base):
    """A change of a paper, and whether posts to those who discussed it have been planned."""

    __tablename__ = "news"
    __table_args__ = (
        CheckConstraint("version >= 0", name="version"),
        Index(
            "ix_news_pending",
            "id",
            sqlite_where=text("NOT notified"),
            postgresql_where=text("NOT notified"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
    change: Mapped[Change] = mapped_column(choice(Change, "change"))
    version: Mapped[int]
    at: Mapped[datetime]
    notified: Mapped[bool]


class IdentifierRow(Base):
    """A name that belongs to one paper alone: one for all, and one more for each team that says so.

    By a team's word a name leads that team to a paper, even an open one, whose record does not show it.
    """

    __tablename__ = "paper_identifiers"
    __table_args__ = (
        Index(
            "uq_paper_identifiers_open",
            "scheme",
            "value",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        UniqueConstraint("team_id", "scheme", "value"),
        Index(None, "value"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), index=True)
    scheme: Mapped[Scheme] = mapped_column(choice(Scheme, "scheme"))
    value: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey(TeamRow.id, ondelete="CASCADE"))


class CategoryRow(Base):
    """A category of a paper, and which of them it is: the first is 0."""

    __tablename__ = "paper_categories"
    __table_args__ = (Index(None, "category", "paper_id"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class LinkRow(Base):
    """What finds a paper by one of its links, and which of them it is: the first is 0.

    With a team it is that team's word, as with names.
    """

    __tablename__ = "paper_links"
    __table_args__ = (
        Index(
            "uq_paper_links_open",
            "paper_id",
            "link_key",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        UniqueConstraint("team_id", "paper_id", "link_key"),
        Index(None, "link_key", "position", "paper_id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), index=True)
    link_key: Mapped[str]
    position: Mapped[int]
    team_id: Mapped[int | None] = mapped_column(ForeignKey(TeamRow.id, ondelete="CASCADE"))


class MergedPaperRow(Base):
    """The number of a paper that turned out to be another one, or that the operator has removed."""

    __tablename__ = "merged_papers"
    __table_args__ = (CheckConstraint("old_id <> paper_id", name="into_another"),)

    old_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey(PaperRow.id), index=True)
    """The other one; none where it was removed."""
    sequence: Mapped[int] = mapped_column(index=True)


class CounterRow(Base):
    """Counters that go up by one, under a lock, so that numbers become visible in their order."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class VectorRow(Base):
    """What an embedder made of a text."""

    __tablename__ = "vectors"

    model: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
