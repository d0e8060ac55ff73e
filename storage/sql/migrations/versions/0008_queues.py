"""When each channel's next post may be claimed, and how often a post has ended its worker."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_OPEN = sa.text("state IN ('planned', 'sending', 'unknown')")
_WAITING = """
    INSERT INTO queues (team_id, channel_id, news, next_at, not_before)
    SELECT team_id, channel_id, news_id IS NOT NULL, min(planned_at), min(planned_at) FROM posts
    WHERE state IN ('planned', 'sending', 'unknown') GROUP BY team_id, channel_id, news_id IS NOT NULL
"""
"""Whoever claims next works out the right times."""


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "queues",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("not_before", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queues")),
        sa.UniqueConstraint("channel_id", "news", name=op.f("uq_queues_channel_id_news")),
        sa.ForeignKeyConstraint(
            ["team_id", "channel_id"],
            ["channels.team_id", "channels.id"],
            name=op.f("fk_queues_team_id_channel_id"),
            ondelete="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_queues_next_at_id", "queues", ["next_at", "id"])
    op.add_column("posts", sa.Column("crashes", _KEY, server_default="0", nullable=False))
    op.drop_index("ix_posts_open", "posts")
    _index_open("channel_id", "news_id", "id")
    op.execute(_WAITING)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("queues")
    op.drop_index("ix_posts_open", "posts")
    op.drop_column("posts", "crashes")
    _index_open("channel_id", "digest_id", "part")


def _index_open(*columns: str) -> None:
    op.create_index("ix_posts_open", "posts", list(columns), sqlite_where=_OPEN, postgresql_where=_OPEN)
