"""Papers that people brought belong to their team, until an open source tells of them."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OPEN = sa.text("team_id IS NULL")
_OF_A_TEAM = sa.text("team_id IS NOT NULL")
_SCHEMES = "scheme IN ('arxiv', 'doi', 'openreview', 'acl', 'pmlr', 'pmc', 'pmid', 'hal')"
_PEOPLE = ("people", "link")
"""Sources that are people's words alone."""
_PAGE = "page"
"""The source of what a link led to: people's words where somebody brought it, else an operator's."""
_SOURCES_HOSTS = (
    "arxiv.org",
    "doi.org",
    "huggingface.co",
    "openalex.org",
    "openreview.net",
    "semanticscholar.org",
)
"""Links to these say no more than that the paper is there."""
_ABOUT_PAPERS = (
    "vote_observations",
    "shown_messages",
    "discussions",
    "saved",
    "digest_items",
    "answered_links",
    "submissions",
)
"""What teams have about papers."""
_TRACES = (
    ("shown_messages", "shown_at"),
    ("vote_observations", "observed_at"),
    ("discussions", "opened_at"),
    ("saved", "saved_at"),
)
_TRACKING = re.compile(
    r"utm_\w+|[a-z]{0,2}clid|fbclid|gclsrc|dclid|g?braid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|mc_[ce]id"
    r"|igsh(?:id)?|ref_(?:src|url)|_hs(?:enc|mi)|mkt_tok|oly_(?:anon|enc)_id|vero_(?:id|conv)|_g[al]|epik|trk"
    r"|at_(?:medium|campaign)|__twitter_impression|guccounter|guce_\w+|wt\.mc_\w+|hss_channel|s_cid|xtor|spm",
    re.IGNORECASE,
)
"""Names in a link's query that told, at this revision, where somebody came from."""
_papers = sa.table(
    "papers",
    *(
        sa.column(name)
        for name in ("id", "sequence", "team_id", "source", "submitted_by", "upvotes", "published", "listed")
    ),
    sa.column("added", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("added_on", "title", "title_key", "text_hash", "abstract")),
    *(sa.column(name, sa.JSON()) for name in ("authors", "links", "details", "origins")),
)


def upgrade() -> None:
    """Go to this revision."""
    _add_team("papers")
    op.create_index(
        "ix_papers_team_id", "papers", ["team_id"], sqlite_where=_OF_A_TEAM, postgresql_where=_OF_A_TEAM
    )
    _rebuild("paper_links", _links(), "paper_id, link_key, position")
    _index_links()
    _index_open("paper_links", ["paper_id", "link_key"])
    _rebuild("paper_identifiers", _identifiers(), "paper_id, scheme, value")
    _index_open("paper_identifiers", ["scheme", "value"])
    op.create_index("ix_paper_identifiers_value", "paper_identifiers", ["value"])
    for table in ("paper_links", "paper_identifiers"):
        op.create_index(f"ix_{table}_paper_id", table, ["paper_id"])
    _rebuild("merged_papers", _merged("old_id <> paper_id", "into_another"), "old_id, paper_id, sequence")
    _index_merged()
    _part_teams(op.get_bind())


def downgrade() -> None:
    """Go back to the revision before, which knows no owners: what is a team's alone is dropped."""
    connection = op.get_bind()
    owned = connection.execute(sa.text("SELECT id FROM papers WHERE team_id IS NOT NULL")).scalars().all()
    for paper_id in owned:
        _forget(connection, paper_id)
    for table in ("paper_links", "paper_identifiers"):
        op.execute(f"DELETE FROM {table} WHERE team_id IS NOT NULL")  # noqa: S608 - names of our own
    op.execute("DELETE FROM merged_papers WHERE old_id < paper_id")
    _rebuild("merged_papers", _merged("old_id > paper_id", "into_lower"), "old_id, paper_id, sequence")
    _index_merged()
    _rebuild("paper_identifiers", _identifiers_before(), "paper_id, scheme, value")
    op.create_index("ix_paper_identifiers_paper_id", "paper_identifiers", ["paper_id"])
    _rebuild("paper_links", _links_before(), "paper_id, link_key, position")
    _index_links()
    op.drop_index("ix_papers_team_id", "papers")
    op.drop_column("papers", "team_id")


def _add_team(table: str) -> None:
    """Add the column with its reference, which SQLite takes in a column's own words only.

    To make such a table anew would delete, with the old one, the rows that refer to it.
    """
    kind = _KEY.compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN team_id {kind} CONSTRAINT fk_{table}_team_id REFERENCES teams (id)"
    )


def _rebuild(table: str, parts: Sequence[Any], columns: str) -> None:
    """Make a table anew that nothing refers to, and keep its rows."""
    op.execute(f"CREATE TEMPORARY TABLE kept AS SELECT {columns} FROM {table}")  # noqa: S608 - as above
    op.drop_table(table)
    op.create_table(table, *parts, sqlite_autoincrement=any(part.name == "id" for part in parts))
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM kept")  # noqa: S608 - as above
    op.execute("DROP TABLE kept")


def _links() -> list[Any]:
    return [
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=True),
        *_links_before()[:-1],
        _cascading("paper_links", "team_id", "teams"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_links")),
        sa.UniqueConstraint(
            "team_id", "paper_id", "link_key", name=op.f("uq_paper_links_team_id_paper_id_link_key")
        ),
    ]


def _links_before() -> list[Any]:
    return [
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("link_key", sa.Text(), nullable=False),
        sa.Column("position", _KEY, nullable=False),
        _cascading("paper_links", "paper_id", "papers"),
        sa.PrimaryKeyConstraint("paper_id", "link_key", name=op.f("pk_paper_links")),
    ]


def _index_links() -> None:
    columns = ["link_key", "position", "paper_id"]
    op.create_index("ix_paper_links_link_key_position_paper_id", "paper_links", columns)


def _index_open(table: str, columns: Sequence[str]) -> None:
    op.create_index(
        f"uq_{table}_open", table, columns, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def _identifiers() -> list[Any]:
    return [
        sa.Column("id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("scheme", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("team_id", _KEY, nullable=True),
        sa.CheckConstraint(_SCHEMES, name=op.f("ck_paper_identifiers_scheme")),
        _cascading("paper_identifiers", "paper_id", "papers"),
        _cascading("paper_identifiers", "team_id", "teams"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_identifiers")),
        sa.UniqueConstraint(
            "team_id", "scheme", "value", name=op.f("uq_paper_identifiers_team_id_scheme_value")
        ),
    ]


def _identifiers_before() -> list[Any]:
    return [
        sa.Column("scheme", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.CheckConstraint(_SCHEMES, name=op.f("ck_paper_identifiers_scheme")),
        _cascading("paper_identifiers", "paper_id", "papers"),
        sa.PrimaryKeyConstraint("scheme", "value", name=op.f("pk_paper_identifiers")),
    ]


def _merged(condition: str, name: str) -> list[Any]:
    return [
        sa.Column("old_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("sequence", _KEY, nullable=False),
        sa.CheckConstraint(condition, name=op.f(f"ck_merged_papers_{name}")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_merged_papers_paper_id")),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_merged_papers")),
    ]


def _index_merged() -> None:
    for column in ("paper_id", "sequence"):
        op.create_index(f"ix_merged_papers_{column}", "merged_papers", [column])


def _cascading(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{there}.id"], name=name, ondelete="CASCADE")


def _part_teams(connection: sa.Connection) -> None:
    """Give each paper that only people brought to the teams that brought it."""
    brought = sa.select(_papers.c.id, _papers.c.source).where(_papers.c.source.in_((*_PEOPLE, _PAGE)))
    for paper_id, source in connection.execute(brought.order_by(_papers.c.id)).all():
        teams = _submitters(connection, paper_id)
        if not teams and source == _PAGE:
            continue
        teams = teams or _first_to_meet(connection, paper_id) or _only_team(connection)
        if teams:
            _give(connection, paper_id, teams)
        else:
            # Nobody knows whose words these are, and nobody has done anything with them.
            _forget(connection, paper_id)
    _clean_open(connection)


def _submitters(connection: sa.Connection, paper_id: int) -> list[int]:
    wanted = sa.text(
        "SELECT team_id FROM submissions WHERE paper_id = :paper "
        "GROUP BY team_id ORDER BY min(added_at), team_id"
    )
    return list(connection.execute(wanted, {"paper": paper_id}).scalars())


def _first_to_meet(connection: sa.Connection, paper_id: int) -> list[int]:
    """Which team dealt with a paper first: before there were submissions, `add` answered with its card."""
    traces = " UNION ALL ".join(
        f"SELECT team_id, {at} AS at FROM {table} WHERE paper_id = :paper"  # noqa: S608 - as above
        for table, at in _TRACES
    )
    wanted = sa.text(f"SELECT team_id FROM ({traces}) AS traces ORDER BY at, team_id LIMIT 1")  # noqa: S608 - as above
    return list(connection.execute(wanted, {"paper": paper_id}).scalars())


def _only_team(connection: sa.Connection) -> list[int]:
    teams = list(connection.execute(sa.text("SELECT id FROM teams LIMIT 2")).scalars())
    return teams if len(teams) == 1 else []


def _give(connection: sa.Connection, paper_id: int, teams: Sequence[int]) -> None:
    """Give the row to the first team, and a row of its own to each other. What strangers had of it goes."""
    first, *others = teams
    for table in _ABOUT_PAPERS:
        alien = sa.text(f"DELETE FROM {table} WHERE paper_id = :paper AND team_id NOT IN :teams")  # noqa: S608 - as above
        connection.execute(
            alien.bindparams(sa.bindparam("teams", expanding=True)), {"paper": paper_id, "teams": list(teams)}
        )
    for team_id in others:
        _copy(connection, paper_id, team_id)
    for table, column in (("papers", "id"), ("paper_identifiers", "paper_id"), ("paper_links", "paper_id")):
        owned = sa.text(f"UPDATE {table} SET team_id = :team WHERE {column} = :paper")  # noqa: S608 - as above
        connection.execute(owned, {"team": first, "paper": paper_id})


def _copy(connection: sa.Connection, paper_id: int, team_id: int) -> None:
    """Make a team's own row, with what the team has about the paper.

    The row does not tell which team its title and its links are from, so that only the names are copied.
    """
    row = connection.execute(sa.select(_papers).where(_papers.c.id == paper_id)).one()._asdict()
    names = connection.execute(
        sa.text("SELECT scheme, value FROM paper_identifiers WHERE paper_id = :paper ORDER BY scheme, value"),
        {"paper": paper_id},
    ).all()
    title = f"{names[0].scheme}:{names[0].value}" if names else "A paper that your team brought in"
    del row["id"]
    row |= {"sequence": _next(connection), "team_id": team_id, "source": "link", "title": title}
    row |= {"title_key": _title_key(title), "text_hash": _text_hash(title), "abstract": ""}
    row |= {"submitted_by": None, "authors": [], "links": [], "details": None, "origins": {}}
    insert = sa.insert(_papers).values(row).returning(_papers.c.id)
    new = connection.execute(insert).scalar_one()
    for table in _ABOUT_PAPERS:
        moved = sa.text(f"UPDATE {table} SET paper_id = :new WHERE paper_id = :paper AND team_id = :team")  # noqa: S608 - as above
        connection.execute(moved, {"new": new, "paper": paper_id, "team": team_id})
    name = sa.text(
        "INSERT INTO paper_identifiers (paper_id, scheme, value, team_id) "
        "VALUES (:paper, :scheme, :value, :team)"
    )
    for scheme, value in names:
        connection.execute(name, {"paper": new, "scheme": scheme, "value": value, "team": team_id})


def _next(connection: sa.Connection) -> int:
    connection.execute(sa.text("UPDATE counters SET value = value + 1 WHERE name = 'papers'"))
    return int(connection.execute(sa.text("SELECT value FROM counters WHERE name = 'papers'")).scalar_one())


def _clean_open(connection: sa.Connection) -> None:
    """Take links that people may have given off papers that sources tell of as well.

    The sources' last descriptions are forgotten, so that those bring their own links back.
    """
    described = sa.text(
        "SELECT DISTINCT d.paper_id FROM descriptions d JOIN papers p ON p.id = d.paper_id "
        "WHERE p.team_id IS NULL AND d.source IN ('people', 'link', 'page')"
    )
    mixed = list(connection.execute(described).scalars())
    for paper_id in mixed:
        links = connection.execute(sa.select(_papers.c.links).where(_papers.c.id == paper_id)).scalar_one()
        kept = [link for link in links if _of_a_source(link)]
        connection.execute(sa.update(_papers).where(_papers.c.id == paper_id).values(links=kept))
        for table in ("descriptions", "paper_links"):
            connection.execute(
                sa.text(f"DELETE FROM {table} WHERE paper_id = :paper"),  # noqa: S608 - as above
                {"paper": paper_id},
            )
        row = sa.text("INSERT INTO paper_links (paper_id, link_key, position) VALUES (:paper, :key, :place)")
        for place, key in enumerate(dict.fromkeys(filter(None, map(_link_key, kept)))):
            connection.execute(row, {"paper": paper_id, "key": key, "place": place})


def _of_a_source(link: str) -> bool:
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return False
    return any(f".{host}".endswith(f".{each}") for each in _SOURCES_HOSTS)


def _forget(connection: sa.Connection, paper_id: int) -> None:
    for table in (*_ABOUT_PAPERS, "news", "merged_papers"):
        connection.execute(
            sa.text(f"DELETE FROM {table} WHERE paper_id = :paper"),  # noqa: S608 - as above
            {"paper": paper_id},
        )
    connection.execute(sa.text("DELETE FROM papers WHERE id = :paper"), {"paper": paper_id})


# How titles, texts and links were compared at this revision, whatever the program does since.


def _title_key(title: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title).casefold())
    return "".join(char for char in folded if char.isalnum())


def _text_hash(title: str) -> str:
    return hashlib.sha256(f"{title}\n".encode()).hexdigest()


def _link_key(link: str) -> str | None:
    try:
        parts = urlsplit(link.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    if port in {80, 443}:
        host = host.rpartition(":")[0]
    kept = [
        part for part in parts.query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])
    ]
    query = f"?{'&'.join(kept)}" if kept else ""
    return f"{host}{parts.path.rstrip('/')}{query}"
