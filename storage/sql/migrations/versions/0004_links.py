"""Links to papers: whether a channel wants them followed, and when one was last answered for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_BEFORE = ("card", "whole", "summary", "discussion", "listed")
_AFTER = ("card", "whole", "summary", "discussion", "link", "linked", "listed")


def upgrade() -> None:
    """Go to this revision."""
    op.execute(
        "ALTER TABLE channels ADD COLUMN links VARCHAR(32) DEFAULT 'off' NOT NULL "
        "CONSTRAINT ck_channels_links CHECK (links IN ('off', 'on'))"
    )
    _allow_shown(_BEFORE, _AFTER)
    op.create_table(
        "answered_links",
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_answered_links_paper_id")),
        _of_channel("answered_links"),
        sa.PrimaryKeyConstraint("channel_id", "paper_id", name=op.f("pk_answered_links")),
    )
    op.create_index(op.f("ix_answered_links_paper_id"), "answered_links", ["paper_id"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("answered_links")
    op.execute("DELETE FROM shown_messages WHERE shown IN ('link', 'linked')")
    _allow_shown(_AFTER, _BEFORE)
    op.drop_column("channels", "links")


def _allow_shown(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change what a message may show a paper as. SQLite makes its table anew for that."""
    name = op.f("ck_shown_messages_shown")
    with op.batch_alter_table(
        "shown_messages",
        copy_from=_shown_messages(name, before),
        table_kwargs={"sqlite_autoincrement": True},
    ) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, _one_of(after))


def _one_of(values: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{each}'" for each in values)
    return f"shown IN ({quoted})"


def _of_channel(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["team_id", "channel_id"],
        ["channels.team_id", "channels.id"],
        name=op.f(f"fk_{table}_team_id_channel_id"),
        ondelete="CASCADE",
        initially="IMMEDIATE",
        deferrable=True,
    )


def _shown_messages(name: str, values: tuple[str, ...]) -> sa.Table:
    """The table as the revisions up to this one have made it."""
    return sa.Table(
        "shown_messages",
        sa.MetaData(),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("shown", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shown_at", _MOMENT, nullable=False),
        sa.Column("recounted_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_shown_messages_paper_id")),
        _of_channel("shown_messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_messages")),
        sa.UniqueConstraint(
            "channel_id", "message", "paper_id", name=op.f("uq_shown_messages_channel_id_message_paper_id")
        ),
        sa.CheckConstraint(_one_of(values), name=name),
        sa.Index("ix_shown_messages_channel_id_paper_id_shown_at", "channel_id", "paper_id", "shown_at"),
        sa.Index("ix_shown_messages_paper_id", "paper_id"),
        sa.Index("ix_shown_messages_shown_at", "shown_at"),
        sqlite_autoincrement=True,
    )
