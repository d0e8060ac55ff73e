"""When a slot may be claimed, and when its time was worked out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ADDED = ("not_before", "set_at")


def upgrade() -> None:
    """Go to this revision."""
    op.drop_index("ix_slots_due_at", "slots")
    for name in _ADDED:
        op.add_column("slots", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE slots SET not_before = due_at, set_at = CURRENT_TIMESTAMP")
    # SQLite makes the table anew for that.
    with op.batch_alter_table("slots", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in _ADDED:
            batch.alter_column(name, nullable=False)
    for name in _ADDED:
        op.create_index(f"ix_slots_{name}", "slots", [name])


def downgrade() -> None:
    """Go back to the revision before."""
    for name in _ADDED:
        op.drop_index(f"ix_slots_{name}", "slots")
        op.drop_column("slots", name)
    op.create_index("ix_slots_due_at", "slots", ["due_at"])
