"""When a database was restored from a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "restores",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_through", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_restores")),
    )
    op.create_index("ix_restores_posted_through", "restores", ["posted_through"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("restores")
