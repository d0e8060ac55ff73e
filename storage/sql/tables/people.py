"""Teams, and their workspaces, people and channels."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.channel import EditPolicy, Layout, LinkFollowing, Platform
from storage.sql.tables.base import NUMBERED, Base, of_team
from storage.sql.types import choice


class TeamRow(Base):
    """A tenant."""

    __tablename__ = "teams"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created: Mapped[datetime]


class WorkspaceRow(Base):
    """A workspace or guild of a platform. It belongs to one team."""

    __tablename__ = "workspaces"
    __table_args__ = (
        UniqueConstraint("platform", "external_id"),
        UniqueConstraint("team_id", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey(TeamRow.id, ondelete="CASCADE"))
    platform: Mapped[Platform] = mapped_column(String(32))
    external_id: Mapped[str]


class PersonRow(Base):
    """A person in a workspace."""

    __tablename__ = "people"
    __table_args__ = (
        of_team("workspaces", "workspace_id"),
        UniqueConstraint("workspace_id", "external_id"),
        UniqueConstraint("team_id", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    workspace_id: Mapped[int]
    external_id: Mapped[str]
    name: Mapped[str]


class ChannelRow(Base):
    """A channel with its settings. If it has an owner, it is that person's direct messages with the bot."""

    __tablename__ = "channels"
    __table_args__ = (
        of_team("workspaces", "workspace_id"),
        of_team("people", "owner_id"),
        UniqueConstraint("team_id", "id"),
        UniqueConstraint("workspace_id", "owner_id"),
        Index(
            "uq_channels_workspace_id_external_id",
            "workspace_id",
            "external_id",
            unique=True,
            sqlite_where=text("owner_id IS NULL"),
            postgresql_where=text("owner_id IS NULL"),
        ),
        CheckConstraint("timezone <> ''", name="timezone"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int]
    workspace_id: Mapped[int]
    external_id: Mapped[str]
    owner_id: Mapped[int | None]
    name: Mapped[str]
    timezone: Mapped[str]
    post_at: Mapped[time]
    layout: Mapped[Layout] = mapped_column(choice(Layout, "layout"))
    edit_policy: Mapped[EditPolicy] = mapped_column(choice(EditPolicy, "edit_policy"))
    link_following: Mapped[LinkFollowing] = mapped_column(
        choice(LinkFollowing, "link_following"), server_default=LinkFollowing.OFF
    )
