"""The order in which posts are claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('planned', 'sending', 'unknown')")


def upgrade() -> None:
    """Go to this revision."""
    op.create_index(
        "ix_posts_turn",
        "posts",
        ["part", "planned_at", "digest_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_posts_turn", "posts")
