"""What each record of a source said of a paper, papers that are kept apart, and papers that are removed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_SCHEMES = "scheme IN ('arxiv', 'doi', 'openreview', 'acl', 'pmlr', 'pmc', 'pmid', 'hal')"
_KEPT = "paper_id, source, digest, seen_at"
_MERGED = "old_id, paper_id, sequence"


def upgrade() -> None:
    """Go to this revision. Of what sources said before, there is no more than a digest."""
    _rebuild("descriptions", _descriptions(), f"{_KEPT}, record", f"{_KEPT}, '' AS record")
    for column in ("record", "digest"):
        op.create_index(f"ix_descriptions_{column}", "descriptions", [column])
    _rebuild("merged_papers", _merged(removed=True), _MERGED)
    _index_merged()
    _create_kept_apart()
    _create_refused_names()


def downgrade() -> None:
    """Go back to the revision before, which knows one description a source: the latest stays."""
    op.drop_table("refused_names")
    op.drop_table("kept_apart")
    op.execute("DELETE FROM merged_papers WHERE paper_id IS NULL")
    _rebuild("merged_papers", _merged(removed=False), _MERGED)
    _index_merged()
    op.execute(
        "DELETE FROM descriptions WHERE EXISTS (SELECT 1 FROM descriptions AS later"
        " WHERE later.paper_id = descriptions.paper_id AND later.source = descriptions.source"
        " AND (later.seen_at > descriptions.seen_at"
        " OR later.seen_at = descriptions.seen_at AND later.record > descriptions.record))"
    )
    _rebuild("descriptions", _descriptions_before(), _KEPT)
    op.create_index("ix_descriptions_digest", "descriptions", ["digest"])


def _rebuild(table: str, parts: Sequence[Any], columns: str, before: str = "") -> None:
    """Make a table anew that nothing refers to, and keep its rows, `before` as the old one has them."""
    op.execute(f"CREATE TEMPORARY TABLE kept AS SELECT {before or columns} FROM {table}")  # noqa: S608 - our names
    op.drop_table(table)
    op.create_table(table, *parts)
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM kept")  # noqa: S608 - as above
    op.execute("DROP TABLE kept")


def _descriptions() -> list[Any]:
    return [
        *_said()[:2],
        sa.Column("record", sa.Text(), nullable=False),
        *_said()[2:],
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.CheckConstraint("(record = '') = (draft IS NULL)", name=op.f("ck_descriptions_kept_whole")),
        _of_paper("descriptions", "paper_id"),
        sa.PrimaryKeyConstraint("paper_id", "source", "record", name=op.f("pk_descriptions")),
    ]


def _descriptions_before() -> list[Any]:
    return [
        *_said(),
        _of_paper("descriptions", "paper_id"),
        sa.PrimaryKeyConstraint("paper_id", "source", name=op.f("pk_descriptions")),
    ]


def _said() -> list[sa.Column[Any]]:
    return [
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _merged(*, removed: bool) -> list[Any]:
    return [
        sa.Column("old_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("paper_id", _KEY, nullable=removed),
        sa.Column("sequence", _KEY, nullable=False),
        sa.CheckConstraint("old_id <> paper_id", name=op.f("ck_merged_papers_into_another")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_merged_papers_paper_id")),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_merged_papers")),
    ]


def _index_merged() -> None:
    for column in ("paper_id", "sequence"):
        op.create_index(f"ix_merged_papers_{column}", "merged_papers", [column])


def _create_kept_apart() -> None:
    op.create_table(
        "kept_apart",
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("other_id", _KEY, nullable=False),
        sa.CheckConstraint("paper_id < other_id", name=op.f("ck_kept_apart_in_order")),
        _of_paper("kept_apart", "paper_id"),
        _of_paper("kept_apart", "other_id"),
        sa.PrimaryKeyConstraint("paper_id", "other_id", name=op.f("pk_kept_apart")),
    )
    op.create_index("ix_kept_apart_other_id", "kept_apart", ["other_id"])


def _create_refused_names() -> None:
    op.create_table(
        "refused_names",
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("scheme", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint(_SCHEMES, name=op.f("ck_refused_names_scheme")),
        _of_paper("refused_names", "paper_id"),
        sa.PrimaryKeyConstraint("paper_id", "scheme", "value", name=op.f("pk_refused_names")),
    )


def _of_paper(table: str, column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["papers.id"], name=name, ondelete="CASCADE")
