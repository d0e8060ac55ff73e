"""Installations."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    _create_installations()
    _create_oauth_states()


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("oauth_states")
    op.drop_table("installations")


def _create_installations() -> None:
    platform = sa.Enum(
        "console",
        "slack",
        "discord",
        name="platform",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        "installations",
        sa.Column("platform", platform, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("bot", sa.Text(), nullable=False),
        sa.Column("bot_user", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.Column("installed_at", _MOMENT, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.CheckConstraint("workspace <> ''", name=op.f("ck_installations_workspace")),
        sa.CheckConstraint(
            "(token IS NULL) = (revoked_at IS NOT NULL)", name=op.f("ck_installations_token_until_revoked")
        ),
        sa.PrimaryKeyConstraint("platform", "workspace", name=op.f("pk_installations")),
    )


def _create_oauth_states() -> None:
    op.create_table(
        "oauth_states",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_oauth_states")),
    )
    op.create_index(op.f("ix_oauth_states_expires"), "oauth_states", ["expires"])
