"""Tokens for programs, and secret addresses of feeds."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.sql.tables.base import NUMBERED, Base, of_team


class ApiTokenRow(Base):
    """A token with which programs act for a person of a team."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        of_team("people", "person_id"),
        UniqueConstraint("token_hash"),
        UniqueConstraint("person_id", "name"),
        CheckConstraint("scopes <> ''", name="scopes"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    person_id: Mapped[int]
    name: Mapped[str]
    token_hash: Mapped[str]
    scopes: Mapped[str]
    """Joined with commas, in alphabetical order."""
    created: Mapped[datetime]
    last_used: Mapped[date | None]
    expires: Mapped[datetime]


class FeedAddressRow(Base):
    """A secret address of a channel's feed, or of a person's reading list if it has no channel."""

    __tablename__ = "feed_addresses"
    __table_args__ = (
        of_team("people", "person_id"),
        of_team("channels", "channel_id"),
        UniqueConstraint("address_hash"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    channel_id: Mapped[int | None]
    address_hash: Mapped[str]
    created: Mapped[datetime]
    last_used: Mapped[date]
    """The day on which it was last read; before that, the day on which it was made."""
