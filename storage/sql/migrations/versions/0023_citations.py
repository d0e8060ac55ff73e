"""Which papers cite which, as far as sources have told."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "citations",
        sa.Column("citing", sa.Text(), nullable=False),
        sa.Column("cited", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("citing <> cited", name=op.f("ck_citations_another")),
        sa.PrimaryKeyConstraint("citing", "cited", name="pk_citations"),
    )


def downgrade() -> None:
    """Go back to the revision before. Sources can be asked again."""
    op.drop_table("citations")
