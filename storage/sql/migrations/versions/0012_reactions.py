"""Votes by reaction know their emoji, and remember for a while that they were taken away."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_NAME = "vote_observations"
_UNIQUE = f"uq_{_NAME}_channel_id_message_person_id_"
_CHECKS = {
    f"ck_{_NAME}_reaction_by_emoji": "(message IS NULL) = (emoji IS NULL)",
    f"ck_{_NAME}_reaction_told_at": "(message IS NULL) = (told_at IS NULL)",
    f"ck_{_NAME}_reaction_ends": "ended_at IS NULL OR message IS NOT NULL",
}
_ENDED = sa.text("ended_at IS NOT NULL")
_FOUND = sa.text("state = 'resolved'")


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("shown_messages", sa.Column("counted_to", _MOMENT, nullable=True))
    op.add_column(_NAME, sa.Column("emoji", sa.Text(), nullable=True))
    op.add_column(_NAME, sa.Column("told_at", _MOMENT, nullable=True))
    op.add_column(_NAME, sa.Column("ended_at", _MOMENT, nullable=True))
    # Which tone these had was not kept, and several were one row: any of them that is taken away ends it, as
    # storage/sql/repositories/reactions.py says, and the next count puts the real emoji in its place.
    op.execute(
        f"UPDATE {_NAME} SET told_at = observed_at, "  # noqa: S608 - the name is ours
        "emoji = CASE WHEN value > 0 THEN 'any up' ELSE 'any down' END WHERE message IS NOT NULL"
    )
    with op.batch_alter_table(
        _NAME, copy_from=_votes("value", *_added()), table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        batch.drop_constraint(op.f(f"{_UNIQUE}value"), type_="unique")
        batch.create_unique_constraint(
            op.f(f"{_UNIQUE}emoji"), ["channel_id", "message", "person_id", "emoji"]
        )
        for name, condition in _CHECKS.items():
            batch.create_check_constraint(op.f(name), condition)
    op.create_index(f"ix_{_NAME}_ended", _NAME, ["ended_at"], sqlite_where=_ENDED, postgresql_where=_ENDED)
    op.create_index("ix_posts_found", "posts", ["sent_at"], sqlite_where=_FOUND, postgresql_where=_FOUND)


def downgrade() -> None:
    """Go back to the revision before: of several tones of one vote the first is kept."""
    op.drop_index("ix_posts_found", "posts")
    op.drop_index(f"ix_{_NAME}_ended", _NAME)
    op.execute(f"DELETE FROM {_NAME} WHERE ended_at IS NOT NULL")  # noqa: S608 - the name is ours
    op.execute(
        f"DELETE FROM {_NAME} WHERE message IS NOT NULL AND id NOT IN (SELECT min(id) FROM {_NAME} "  # noqa: S608 - the name is ours
        "WHERE message IS NOT NULL GROUP BY channel_id, message, person_id, value)"
    )
    checks = [sa.CheckConstraint(condition, name=op.f(name)) for name, condition in _CHECKS.items()]
    with op.batch_alter_table(
        _NAME, copy_from=_votes("emoji", *_added(), *checks), table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        for name in _CHECKS:
            batch.drop_constraint(op.f(name), type_="check")
        batch.drop_constraint(op.f(f"{_UNIQUE}emoji"), type_="unique")
        batch.create_unique_constraint(
            op.f(f"{_UNIQUE}value"), ["channel_id", "message", "person_id", "value"]
        )
        for name in ("ended_at", "told_at", "emoji"):
            batch.drop_column(name)
    op.drop_column("shown_messages", "counted_to")


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("emoji", sa.Text(), nullable=True),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
    ]


def _votes(unique_by: str, *more: sa.schema.SchemaItem) -> sa.Table:
    """The table as it stands, for SQLite, which makes it anew."""
    source = sa.Column("source", sa.String(32), nullable=False)
    return sa.Table(
        _NAME,
        sa.MetaData(),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        source,
        sa.Column("observed_at", _MOMENT, nullable=False),
        *more,
        sa.CheckConstraint("source IN ('reaction', 'button', 'command')", name=op.f(f"ck_{_NAME}_source")),
        sa.CheckConstraint(
            "(source = 'reaction') = (message IS NOT NULL)", name=op.f(f"ck_{_NAME}_reaction_on_message")
        ),
        sa.CheckConstraint("source <> 'reaction' OR value <> 0", name=op.f(f"ck_{_NAME}_reaction_value")),
        sa.CheckConstraint("value IN (-1, 0, 1)", name=op.f(f"ck_{_NAME}_value")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f(f"fk_{_NAME}_paper_id")),
        _of_team("channel_id", "channels"),
        _of_team("person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_NAME}")),
        sa.UniqueConstraint(
            "channel_id", "message", "person_id", unique_by, name=op.f(f"{_UNIQUE}{unique_by}")
        ),
        sa.Index(
            op.f(f"ix_{_NAME}_channel_id_paper_id_person_id_observed_at_id"),
            "channel_id",
            "paper_id",
            "person_id",
            "observed_at",
            "id",
        ),
        sa.Index(op.f(f"ix_{_NAME}_paper_id"), "paper_id"),
        sa.Index(op.f(f"ix_{_NAME}_team_id_paper_id"), "team_id", "paper_id"),
        sqlite_autoincrement=True,
    )


def _of_team(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["team_id", column],
        [f"{table}.team_id", f"{table}.id"],
        name=op.f(f"fk_{_NAME}_team_id_{column}"),
        ondelete="CASCADE",
        deferrable=True,
        initially="IMMEDIATE",
    )
