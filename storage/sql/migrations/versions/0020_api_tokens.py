"""Tokens for programs, and secret addresses of feeds, both by their hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "api_tokens",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.Column("expires", _MOMENT, nullable=False),
        _of_team("api_tokens", "people", "person_id"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
        sa.UniqueConstraint("person_id", "name", name="uq_api_tokens_person_id_name"),
        sa.CheckConstraint("scopes <> ''", name=op.f("ck_api_tokens_scopes")),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feed_addresses",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=True),
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("last_used", sa.Date(), nullable=False),
        _of_team("feed_addresses", "people", "person_id"),
        _of_team("feed_addresses", "channels", "channel_id"),
        sa.UniqueConstraint("address_hash", name="uq_feed_addresses_address_hash"),
        sa.PrimaryKeyConstraint("id", name="pk_feed_addresses"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_addresses_person_id", "feed_addresses", ["person_id"])


def downgrade() -> None:
    """Go back to the revision before. All tokens and secret addresses end."""
    op.drop_table("feed_addresses")
    op.drop_table("api_tokens")


def _of_team(table: str, other: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["team_id", column],
        [f"{other}.team_id", f"{other}.id"],
        name=f"fk_{table}_team_id_{column}",
        ondelete="CASCADE",
        deferrable=True,
        initially="IMMEDIATE",
    )
