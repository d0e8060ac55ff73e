"""Papers with their identifiers, links and vectors: open ones, and each team's own."""

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
    """A paper. Each insert or change of its text takes the next sequence number.

    Open papers have no team. The others are known only from a team's own people, and only that team reads
    them. Samples are hidden unless the database is for trying out, until a source confirms the paper.
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
    """The day that date filters use."""
    arrived: Mapped[date] = mapped_column(
        Computed("coalesce(listed, published, added_on)", persisted=True), index=True
    )
    """The day that digests use."""
    title_key: Mapped[str]
    text_hash: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    authors: Mapped[list[str]] = mapped_column(JSON)
    links: Mapped[list[str]] = mapped_column(JSON)
    abstract: Mapped[str]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Further fields from sources, without empty ones."""
    origins: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """The source of each field that is not from `source`."""
    hidden: Mapped[bool] = mapped_column(server_default=false())
    """Hidden from everybody. What people did with it stays, and counts again once it is shown."""


class DescriptionRow(Base):
    """What a source's record said of a paper the last time.

    The digest recognises an unchanged record, which then changes nothing. Descriptions from before texts were
    stored have a digest and no record.
    """

    __tablename__ = "descriptions"
    __table_args__ = (CheckConstraint("(record = '') = (draft IS NULL)", name="kept_whole"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True, index=True)
    """The record's name, made by `bot/domain/descriptions.py`."""
    digest: Mapped[str] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """All fields, without empty ones. The formats limit their length."""


class SeparatedPaperRow(Base):
    """Two papers that the operator has separated. Nothing merges them again."""

    __tablename__ = "separated_papers"
    __table_args__ = (CheckConstraint("paper_id < other_id", name="in_order"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(
        ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True, index=True
    )


class RejectedIdentifierRow(Base):
    """An identifier that sources give a paper and that the operator has rejected."""

    __tablename__ = "rejected_identifiers"

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    scheme: Mapped[Scheme] = mapped_column(choice(Scheme, "scheme"), primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class NewsRow(Base):
    """A change of a paper, and whether posts about it were planned."""

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
    """An identifier of one paper: one row for everybody, and one for each team that gave it too.

    A team's row leads only that team to the paper, even to an open one, whose record does not show it.
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
    """A category of a paper, and its position, from 0."""

    __tablename__ = "paper_categories"
    __table_args__ = (Index(None, "category", "paper_id"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(PaperRow.id, ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class LinkRow(Base):
    """A link of a paper, and its position, from 0.

    With a team, it leads only that team to the paper, as identifiers do.
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


class CitationRow(Base):
    """One work cites another, both by an identifier, as `arxiv:1706.03762`.

    Names, not papers: most of what a paper cites is not stored, and links it to others all the same. A work
    that is stored later, merged or split keeps its citations with its names.
    """

    __tablename__ = "citations"
    __table_args__ = (CheckConstraint("citing <> cited", name="another"),)

    citing: Mapped[str] = mapped_column(primary_key=True)
    cited: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    """The first source that told of it."""
    seen_at: Mapped[datetime]


class MergedPaperRow(Base):
    """The id of a paper that was merged into another one or removed."""

    __tablename__ = "merged_papers"
    __table_args__ = (CheckConstraint("old_id <> paper_id", name="into_another"),)

    old_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey(PaperRow.id), index=True)
    """The paper it was merged into. None if it was removed."""
    sequence: Mapped[int] = mapped_column(index=True)


class CounterRow(Base):
    """Counters that are increased under a lock, so that numbers become visible in order."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class VectorRow(Base):
    """What an embedder returned for a text."""

    __tablename__ = "vectors"

    model: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
