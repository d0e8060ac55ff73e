"""The layout that a digest was planned in, and whether people were told that a post is in doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    # With its check in the same statement: SQLite takes none later without making the table anew.
    op.execute(
        "ALTER TABLE digests ADD COLUMN layout VARCHAR(32) CONSTRAINT ck_digests_layout "
        "CHECK (layout IN ('threaded', 'flat', 'broadcast'))"
    )
    op.add_column("posts", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column("posts", "told_at")
    op.execute("ALTER TABLE digests DROP COLUMN layout")
