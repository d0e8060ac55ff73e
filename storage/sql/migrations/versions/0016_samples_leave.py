"""Samples leave the databases of teams: those that nobody has dealt with are removed, the others hidden."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SAMPLES = sa.text("source = 'sample'")
_DEALT_WITH = (
    "vote_observations",
    "shown_messages",
    "discussions",
    "saved",
    "digest_items",
    "answered_links",
    "submissions",
    "news",
    "merged_papers",
    "kept_apart",
    "refused_names",
)
"""What people have about papers, by `paper_id`."""
_LED = ("paper_identifiers", "paper_links")
"""What leads a team to a paper, by the team's own word."""
_PARTS = (*_LED, "paper_categories", "descriptions", "checks")
"""What belongs to a paper itself."""
_papers = sa.table(
    "papers",
    *(sa.column(name) for name in ("id", "sequence", "team_id", "source", "title", "abstract", "text_hash")),
    sa.column("origins", sa.JSON()),
    sa.column("hidden", sa.Boolean()),
)


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("papers", sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_papers_samples", "papers", ["hidden"], sqlite_where=_SAMPLES, postgresql_where=_SAMPLES
    )
    connection = op.get_bind()
    _take_our_words_back(connection)
    if _is_fed(connection):
        samples = _samples(connection)
        dealt_with = samples & _dealt_with(connection)
        for paper_id in sorted(samples - dealt_with):
            _remove(connection, paper_id)
        for paper_id in sorted(dealt_with):
            _hide(connection, paper_id)


def downgrade() -> None:
    """Go back to the revision before, which shows again what was hidden."""
    op.drop_index("ix_papers_samples", "papers")
    op.drop_column("papers", "hidden")


def _is_fed(connection: sa.Connection) -> bool:
    """Whether a platform or a source feeds the database, and it is not only somebody's console.

    What somebody added on the console, where papers can only be tried out, was submitted by a person.
    """
    from_elsewhere = "team_id IS NULL AND source <> 'sample' AND id NOT IN (SELECT paper_id FROM submissions)"
    signs = (
        "SELECT 1 FROM workspaces WHERE platform <> 'console'",
        "SELECT 1 FROM installations",
        "SELECT 1 FROM source_runs",
        f"SELECT 1 FROM papers WHERE {from_elsewhere}",  # noqa: S608 - a text of our own
    )
    return any(connection.execute(sa.text(f"{sign} LIMIT 1")).first() is not None for sign in signs)


def _samples(connection: sa.Connection) -> set[int]:
    """Papers of which nobody but us has told anything."""
    rows = connection.execute(sa.select(_papers.c.id, _papers.c.origins).where(_papers.c.source == "sample"))
    return {paper_id for paper_id, origins in rows if set((origins or {}).values()) <= {"sample"}}


def _dealt_with(connection: sa.Connection) -> set[int]:
    tables = [f"SELECT paper_id FROM {table}" for table in _DEALT_WITH]  # noqa: S608 - names of our own
    tables += [f"SELECT paper_id FROM {table} WHERE team_id IS NOT NULL" for table in _LED]  # noqa: S608 - as above
    tables.append("SELECT other_id FROM kept_apart")
    return set(connection.execute(sa.text(" UNION ".join(tables))).scalars())


def _remove(connection: sa.Connection, paper_id: int) -> None:
    for table in _PARTS:
        connection.execute(
            sa.text(f"DELETE FROM {table} WHERE paper_id = :paper"),  # noqa: S608 - as above
            {"paper": paper_id},
        )
    connection.execute(sa.delete(_papers).where(_papers.c.id == paper_id))


def _hide(connection: sa.Connection, paper_id: int) -> None:
    """Let nobody read a sample. A team's name for it is free for the paper itself."""
    connection.execute(sa.update(_papers).where(_papers.c.id == paper_id).values(hidden=True))
    for table in _LED:
        led = sa.text(f"DELETE FROM {table} WHERE paper_id = :paper AND team_id IS NOT NULL")  # noqa: S608 - as above
        connection.execute(led, {"paper": paper_id})


def _take_our_words_back(connection: sa.Connection) -> None:
    """Empty the abstracts that samples left to papers of which a source told without one."""
    op.execute(
        "DELETE FROM descriptions WHERE source = 'sample'"
        " AND paper_id IN (SELECT id FROM papers WHERE source <> 'sample')"
    )
    mixed = sa.select(_papers.c.id, _papers.c.title, _papers.c.origins).where(
        _papers.c.source != "sample", sa.cast(_papers.c.origins, sa.Text).contains('"sample"')
    )
    for paper_id, title, origins in connection.execute(mixed.order_by(_papers.c.id)).all():
        if origins.get("abstract") != "sample":
            continue
        row = {
            "abstract": "",
            "text_hash": hashlib.sha256(f"{title}\n".encode()).hexdigest(),
            "origins": {field: source for field, source in origins.items() if source != "sample"},
            "sequence": _next(connection),
        }
        connection.execute(sa.update(_papers).where(_papers.c.id == paper_id).values(row))


def _next(connection: sa.Connection) -> int:
    connection.execute(sa.text("UPDATE counters SET value = value + 1 WHERE name = 'papers'"))
    return int(connection.execute(sa.text("SELECT value FROM counters WHERE name = 'papers'")).scalar_one())
