"""More givers of identifiers, and links that are found again whatever tells where somebody came from."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_BEFORE = ("arxiv", "doi", "openreview")
_AFTER = (*_BEFORE, "acl", "pmlr", "pmc", "pmid", "hal")
# As the program reads links from this revision on; what it changes later does not change this step.
_TRACKING = re.compile(
    r"utm_\w+|[a-z]{0,2}clid|fbclid|gclsrc|dclid|g?braid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|mc_[ce]id"
    r"|igsh(?:id)?|ref_(?:src|url)|_hs(?:enc|mi)|mkt_tok|oly_(?:anon|enc)_id|vero_(?:id|conv)|_g[al]|epik|trk"
    r"|at_(?:medium|campaign)|__twitter_impression|guccounter|guce_\w+|wt\.mc_\w+|hss_channel|s_cid|xtor|spm",
    re.IGNORECASE,
)
_USUAL_PORT = re.compile(r"^([^/?]*):(?:80|443)(?=[/?]|$)")
_LINKS = sa.table("paper_links", sa.column("paper_id"), sa.column("link_key"), sa.column("position"))


def upgrade() -> None:
    """Go to this revision."""
    _change_schemes(_BEFORE, _AFTER)
    _change_keys()


def downgrade() -> None:
    """Go back to the revision before; what it has no scheme for is forgotten."""
    op.execute(f"DELETE FROM paper_identifiers WHERE NOT ({_one_of(_BEFORE)})")  # noqa: S608 - our own words
    _change_schemes(_AFTER, _BEFORE)


def _change_schemes(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change which schemes may be kept. SQLite makes the table anew for that."""
    name = op.f("ck_paper_identifiers_scheme")
    with op.batch_alter_table("paper_identifiers", copy_from=_identifiers(name, before)) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, _one_of(after))


def _change_keys() -> None:
    connection = op.get_bind()
    named = _LINKS.c.link_key
    asked = sa.or_(named.like("%?%"), named.like("%:443%"), named.like("%:80%"))
    rows = connection.execute(
        sa.select(_LINKS).where(asked).order_by(_LINKS.c.paper_id, _LINKS.c.position)
    ).all()
    for paper_id, key, _ in rows:
        plain = _plain(key)
        if plain == key:
            continue
        this = sa.and_(_LINKS.c.paper_id == paper_id, named == key)
        same = sa.select(_LINKS.c.position).where(_LINKS.c.paper_id == paper_id, named == plain)
        if connection.execute(same).first() is None:
            connection.execute(sa.update(_LINKS).where(this).values(link_key=plain))
        else:
            connection.execute(sa.delete(_LINKS).where(this))


def _plain(key: str) -> str:
    page, _, query = _USUAL_PORT.sub(r"\1", key).partition("?")
    asked = (part for part in query.split("&") if part)
    kept = [part for part in asked if not _TRACKING.fullmatch(part.partition("=")[0])]
    return f"{page}?{'&'.join(kept)}" if kept else page


def _one_of(schemes: tuple[str, ...]) -> str:
    quoted = ", ".join(f"'{each}'" for each in schemes)
    return f"scheme IN ({quoted})"


def _identifiers(name: str, schemes: tuple[str, ...]) -> sa.Table:
    return sa.Table(
        "paper_identifiers",
        sa.MetaData(),
        sa.Column("scheme", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_identifiers_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scheme", "value", name=op.f("pk_paper_identifiers")),
        sa.CheckConstraint(_one_of(schemes), name=name),
        sa.Index(op.f("ix_paper_identifiers_paper_id"), "paper_id"),
    )
