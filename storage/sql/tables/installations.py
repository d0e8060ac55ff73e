"""Where the bot is installed."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.channel import Platform
from storage.sql.tables.base import Base


class InstallationRow(Base):
    """The bot's installation in a workspace. The token is encrypted, and deleted when it is revoked."""

    __tablename__ = "installations"
    __table_args__ = (
        CheckConstraint("workspace <> ''", name="workspace"),
        CheckConstraint("(token IS NULL) = (revoked_at IS NOT NULL)", name="token_until_revoked"),
    )

    platform: Mapped[Platform] = mapped_column(String(32), primary_key=True)
    workspace: Mapped[str] = mapped_column(primary_key=True)
    enterprise: Mapped[str | None]
    name: Mapped[str]
    app: Mapped[str]
    bot: Mapped[str]
    bot_user: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(JSON)
    installed_by: Mapped[str]
    installed_at: Mapped[datetime]
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    revoked_at: Mapped[datetime | None]
