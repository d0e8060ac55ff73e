"""When a message's reactions were last counted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("shown_messages", sa.Column("recounted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_shown_messages_shown_at", "shown_messages", ["shown_at"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_shown_messages_shown_at", "shown_messages")
    op.drop_column("shown_messages", "recounted_at")
