"""Cards know which votes they show, and a post in doubt how far its channel's history was searched."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision. What older cards show is not known: those with votes are drawn once more."""
    for name in ("drawn_up", "drawn_down"):
        op.add_column("shown_messages", sa.Column(name, _NUMBER, server_default="0", nullable=False))
    op.add_column("posts", sa.Column("searched_to", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_column("posts", "searched_to")
    for name in ("drawn_down", "drawn_up"):
        op.drop_column("shown_messages", name)
