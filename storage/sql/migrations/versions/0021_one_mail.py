"""Mail: digests of one post, posts that are sent again unasked, and subscriptions to what trends."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("digests", sa.Column("single", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(
        "subscriptions", sa.Column("trending", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("posts", sa.Column("resends", _KEY, server_default="0", nullable=False))


def downgrade() -> None:
    """Go back to the revision before. Single digests become ones without parts, trending ones topics."""
    op.drop_column("subscriptions", "trending")
    op.drop_column("posts", "resends")
    op.drop_column("digests", "single")
