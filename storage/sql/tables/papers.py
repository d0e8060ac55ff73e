"""Papers, their names and their vectors: what all teams share."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.identifier_tables import Scheme
from bot.models import Change
from storage.sql.tables.base import NUMBERED, Base
from storage.sql.types import choice


class PaperRow(Base):
    """A paper; whoever changes its text gives it the next sequence number."""

    __tablename__ = "papers"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("upvotes >= 0", name="upvotes"),
        Index(None, "title_key", postgresql_using="hash"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(unique=True)
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


class DescriptionRow(Base):
    """The last description that a source gave of a paper, by its digest: what comes again changes nothing."""

    __tablename__ = "descriptions"

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(index=True)
    seen_at: Mapped[datetime]


class NewsRow(Base):
    """A change of a paper, and whether posts to those who discussed it have been planned."""

    __tablename__ = "news"
    __table_args__ = (
        CheckConstraint("version >= 0", name="version"),
        Index(
            "ix_news_untold",
            "id",
            sqlite_where=text("NOT told"),
            postgresql_where=text("NOT told"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
    change: Mapped[Change] = mapped_column(choice(Change, "change"))
    version: Mapped[int]
    at: Mapped[datetime]
    told: Mapped[bool]


class IdentifierRow(Base):
    """A name that belongs to one paper alone."""

    __tablename__ = "paper_identifiers"

    scheme: Mapped[Scheme] = mapped_column(choice(Scheme, "scheme"), primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), index=True)


class CategoryRow(Base):
    """A category of a paper, and which of them it is: the first is 0."""

    __tablename__ = "paper_categories"
    __table_args__ = (Index(None, "category", "paper_id"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class LinkRow(Base):
    """What finds a paper by one of its links, and which of them it is: the first is 0."""

    __tablename__ = "paper_links"
    __table_args__ = (Index(None, "link_key", "position", "paper_id"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    link_key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class MergedPaperRow(Base):
    """The number of a paper that turned out to be another one."""

    __tablename__ = "merged_papers"
    __table_args__ = (CheckConstraint("old_id > paper_id", name="into_lower"),)

    old_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id), index=True)
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
