"""What several sources say of a paper, and news of papers for those who discussed them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_OPEN = sa.text("state IN ('planned', 'sending', 'unknown')")


def upgrade() -> None:
    """Go to this revision."""
    for column in ("details", "origins"):
        op.add_column("papers", sa.Column(column, sa.JSON(), nullable=True))
    _create_descriptions()
    _create_news()
    _create_feeds()
    _create_submissions()
    with op.batch_alter_table("posts", copy_from=_posts(), table_kwargs=_NUMBERED) as batch:
        batch.alter_column("digest_id", existing_type=_KEY, nullable=True)
        batch.add_column(sa.Column("news_id", _KEY, nullable=True))
        batch.add_column(sa.Column("discussion_id", _KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_posts_news_id"), "news", ["news_id"], ["id"])
        batch.create_foreign_key(
            op.f("fk_posts_team_id_discussion_id"),
            "discussions",
            ["team_id", "discussion_id"],
            ["team_id", "id"],
            **_OF_TEAM,
        )
        batch.create_unique_constraint(op.f("uq_posts_news_id_channel_id"), ["news_id", "channel_id"])
        for name, condition in _NEW_CHECKS.items():
            batch.create_check_constraint(op.f(name), condition)
    op.create_index(op.f("ix_posts_discussion_id"), "posts", ["discussion_id"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("DELETE FROM posts WHERE digest_id IS NULL")
    op.drop_index(op.f("ix_posts_discussion_id"), "posts")
    with op.batch_alter_table("posts", copy_from=_posts(with_news=True), table_kwargs=_NUMBERED) as batch:
        for name in _NEW_CHECKS:
            batch.drop_constraint(op.f(name), type_="check")
        batch.drop_constraint(op.f("uq_posts_news_id_channel_id"), type_="unique")
        batch.drop_constraint(op.f("fk_posts_team_id_discussion_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_posts_news_id"), type_="foreignkey")
        batch.drop_column("discussion_id")
        batch.drop_column("news_id")
        batch.alter_column("digest_id", existing_type=_KEY, nullable=False)
    op.drop_table("submissions")
    op.drop_table("checks")
    op.drop_table("feeds")
    op.drop_table("news")
    op.drop_table("descriptions")
    for column in ("origins", "details"):
        op.drop_column("papers", column)


_NUMBERED = {"sqlite_autoincrement": True}
_OF_TEAM: dict[str, Any] = {"ondelete": "CASCADE", "initially": "IMMEDIATE", "deferrable": True}
_NEW_CHECKS = {
    "ck_posts_digest_or_news": "(digest_id IS NULL) = (news_id IS NOT NULL)",
    "ck_posts_news_in_discussion": "(news_id IS NULL) = (discussion_id IS NULL)",
}
_CHECKS = {
    "ck_posts_attempts": "attempts >= 0",
    "ck_posts_confirmed_has_message": "(state IN ('sent', 'resolved')) = (message IS NOT NULL)",
    "ck_posts_lease_while_open": "state IN ('sending', 'unknown') OR lease_owner IS NULL",
    "ck_posts_lease_whole": "(lease_owner IS NULL) = (lease_until IS NULL)",
    "ck_posts_message_in_place": "(message IS NULL) = (place IS NULL)",
    "ck_posts_message_sent_at": "(message IS NULL) = (sent_at IS NULL)",
    "ck_posts_overview_has_no_item": "(part = 0) = (item_id IS NULL)",
    "ck_posts_part": "part >= 0",
    "ck_posts_parts_depend_on_overview": "(part = 0) = (depends_on IS NULL)",
    "ck_posts_sending_has_lease": "state <> 'sending' OR lease_owner IS NOT NULL",
    "ck_posts_state": "state IN ('planned', 'sending', 'sent', 'unknown', 'resolved', 'failed')",
    "ck_posts_token": "length(token) BETWEEN 1 AND 25",
}


def _create_descriptions() -> None:
    op.create_table(
        "descriptions",
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_descriptions_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "source", name=op.f("pk_descriptions")),
    )
    op.create_index(op.f("ix_descriptions_digest"), "descriptions", ["digest"])


def _create_news() -> None:
    op.create_table(
        "news",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("change", sa.String(32), nullable=False),
        sa.Column("version", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.CheckConstraint("change IN ('version', 'withdrawn', 'retracted')", name=op.f("ck_news_change")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_news_version")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_news_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_news_paper_id"), "news", ["paper_id"])
    op.create_index(
        op.f("ix_news_untold"),
        "news",
        ["id"],
        sqlite_where=sa.text("NOT told"),
        postgresql_where=sa.text("NOT told"),
    )


def _create_feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settled", sa.Date(), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "(lease_owner IS NULL) = (lease_until IS NULL)", name=op.f("ck_feeds_lease_whole")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feeds")),
    )
    op.create_table(
        "checks",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_checks_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "paper_id", name=op.f("pk_checks")),
    )
    op.create_index(op.f("ix_checks_paper_id"), "checks", ["paper_id"])


def _create_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id", "channel_id"],
            ["channels.team_id", "channels.id"],
            name=op.f("fk_submissions_team_id_channel_id"),
            **_OF_TEAM,
        ),
        sa.ForeignKeyConstraint(
            ["team_id", "person_id"],
            ["people.team_id", "people.id"],
            name=op.f("fk_submissions_team_id_person_id"),
            **_OF_TEAM,
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_submissions_paper_id")),
        sa.PrimaryKeyConstraint("channel_id", "person_id", "paper_id", name=op.f("pk_submissions")),
    )
    columns = ["channel_id", "paper_id", "added_at"]
    op.create_index(op.f("ix_submissions_channel_id_paper_id_added_at"), "submissions", columns)
    op.create_index(op.f("ix_submissions_paper_id"), "submissions", ["paper_id"])


def _posts(*, with_news: bool = False) -> sa.Table:
    """The table as the revisions up to this one have made it, or as this one does."""
    table = sa.Table(
        "posts",
        sa.MetaData(),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("digest_id", _KEY, nullable=with_news),
        sa.Column("part", _KEY, nullable=False),
        sa.Column("depends_on", _KEY, nullable=True),
        sa.Column("item_id", _KEY, nullable=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("not_before", _MOMENT, nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("attempts", _KEY, nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        *_keys_of_posts(),
        *(sa.CheckConstraint(condition, name=op.f(name)) for name, condition in _CHECKS.items()),
        sa.Index("ix_posts_channel_id_message", "channel_id", "message"),
        sa.Index(
            "ix_posts_open", "channel_id", "digest_id", "part", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        sqlite_autoincrement=True,
    )
    if with_news:
        _add_news(table)
    return table


def _keys_of_posts() -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("digest_id", "id", name=op.f("uq_posts_digest_id_id")),
        sa.UniqueConstraint("digest_id", "part", name=op.f("uq_posts_digest_id_part")),
        sa.UniqueConstraint("item_id", name=op.f("uq_posts_item_id")),
        sa.UniqueConstraint("token", name=op.f("uq_posts_token")),
        _reference(["channel_id", "digest_id"], "digests", ["channel_id", "id"], ondelete="CASCADE"),
        _reference(["digest_id", "depends_on"], "posts", ["digest_id", "id"], ondelete="CASCADE"),
        _reference(["digest_id", "item_id"], "digest_items", ["digest_id", "id"], ondelete="CASCADE"),
        _reference(["team_id", "channel_id"], "channels", ["team_id", "id"], **_OF_TEAM),
    ]


def _add_news(table: sa.Table) -> None:
    table.append_column(sa.Column("news_id", _KEY, nullable=True))
    table.append_column(sa.Column("discussion_id", _KEY, nullable=True))
    for constraint in (
        _reference(["news_id"], "news", ["id"]),
        _reference(["team_id", "discussion_id"], "discussions", ["team_id", "id"], **_OF_TEAM),
        sa.UniqueConstraint("news_id", "channel_id", name=op.f("uq_posts_news_id_channel_id")),
        *(sa.CheckConstraint(condition, name=op.f(name)) for name, condition in _NEW_CHECKS.items()),
    ):
        table.append_constraint(constraint)


def _reference(columns: list[str], table: str, there: list[str], **options: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_posts_{'_'.join(columns)}")
    return sa.ForeignKeyConstraint(columns, [f"{table}.{each}" for each in there], name=name, **options)
