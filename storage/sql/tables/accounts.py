"""Accounts, their identities, and what proves them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.channel import Platform
from storage.sql.tables.base import NUMBERED, Base


class AccountRow(Base):
    """One person over all platforms."""

    __tablename__ = "accounts"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime]


class IdentityRow(Base):
    """An account's person on one platform. The workspace is empty where ids hold in every workspace."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("platform", "workspace", "external_id"), NUMBERED)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(AccountRow.id, ondelete="CASCADE"), index=True)
    platform: Mapped[Platform] = mapped_column(String(32))
    workspace: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    linked_at: Mapped[datetime]


class LinkCodeRow(Base):
    """A code that proves an identity once. An identity has one at a time."""

    __tablename__ = "link_codes"
    __table_args__ = (UniqueConstraint("platform", "workspace", "external_id"),)

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[Platform] = mapped_column(String(32))
    workspace: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    expires: Mapped[datetime] = mapped_column(index=True)


class SessionRow(Base):
    """A browser that is signed in."""

    __tablename__ = "sessions"

    session_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(AccountRow.id, ondelete="CASCADE"), index=True)
    created: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
