"""Tables and columns have the field's own names, and a platform is any that a surface declares."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = {
    "views": "result_lists",
    "feeds": "source_polls",
    "checks": "source_checks",
    "kept_apart": "separated_papers",
    "refused_names": "rejected_identifiers",
}
_COLUMNS = {
    "channels": {"changers": "edit_policy", "links": "link_following"},
    "news": {"told": "notified"},
    "posts": {"told_at": "notified_at"},
    "vote_observations": {"told_at": "reported_at"},
    "feeds": {"settled": "complete_through", "asked_at": "polled_at", "trouble": "error"},
}
_CONSTRAINTS = {
    "ck_channels_changers": "ck_channels_edit_policy",
    "ck_channels_links": "ck_channels_link_following",
    "ck_vote_observations_reaction_told_at": "ck_vote_observations_reaction_reported_at",
}
_INDEXES = {"ix_news_untold": "ix_news_pending"}
_WITH_NEW_NAMES = {*_TABLES.values(), "channels", "news", "vote_observations"}
"""Tables with a renamed constraint or index; a schema may hold tables of others, which stay as they are."""
_PLATFORMS = "platform IN ('console', 'slack', 'discord')"
_WITH_PLATFORMS = ("workspaces", "inbox", "installations")


def upgrade() -> None:
    """Go to this revision."""
    for table, columns in _COLUMNS.items():
        _rename_columns(table, columns)
    for old, new in _TABLES.items():
        op.rename_table(old, new)
    _rename_parts(_parts(_TABLES) | _CONSTRAINTS, _INDEXES)
    _drop_platform_checks()


def downgrade() -> None:
    """Go back to the revision before. Rows of platforms that it does not know have to be gone."""
    _add_platform_checks()
    back = {new: old for old, new in _TABLES.items()}
    constraints = {new: old for old, new in _CONSTRAINTS.items()}
    _rename_parts(_parts(back) | constraints, {new: old for old, new in _INDEXES.items()})
    for new, old in back.items():
        op.rename_table(new, old)
    for table, columns in _COLUMNS.items():
        _rename_columns(table, {new: old for old, new in columns.items()})


def _rename_columns(table: str, columns: dict[str, str]) -> None:
    for old, new in columns.items():
        # Checks and indexes that use the column follow it, on both databases.
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def _parts(tables: dict[str, str]) -> dict[str, str]:
    """Old and new names of what is named after a table: keys, references, checks and indexes."""
    return {f"{kind}_{old}": f"{kind}_{new}" for old, new in tables.items() for kind in _KINDS}


_KINDS = ("pk", "fk", "ck", "uq", "ix")


def _rename_parts(parts: dict[str, str], indexes: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rename_in_sqlite(parts | indexes)
    else:
        _rename_in_postgresql(parts | indexes)


def _rename_in_postgresql(parts: dict[str, str]) -> None:
    bind = op.get_bind()
    constraints = bind.execute(
        sa.text(
            "SELECT c.conname, t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
            "WHERE c.connamespace = current_schema()::regnamespace"
        )
    ).all()
    for name, table in constraints:
        if table in _WITH_NEW_NAMES and (new := _renamed(name, parts)) != name:
            op.execute(f'ALTER TABLE {table} RENAME CONSTRAINT "{name}" TO "{new}"')
    # A constraint that has an index has renamed it along.
    indexes = bind.execute(
        sa.text("SELECT indexname, tablename FROM pg_indexes WHERE schemaname = current_schema()")
    ).all()
    for name, table in indexes:
        if table in _WITH_NEW_NAMES and (new := _renamed(name, parts)) != name:
            op.execute(f'ALTER INDEX "{name}" RENAME TO "{new}"')


def _rename_in_sqlite(parts: dict[str, str]) -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL")).all()
    for kind, name, sql in rows:
        if kind == "index" and (new := _renamed(name, parts)) != name:
            op.execute(f"DROP INDEX {name}")
            op.execute(sql.replace(name, new, 1))
    _rewrite_schema({name: _renamed_within(sql, parts) for kind, name, sql in rows if kind == "table"})


def _renamed(name: str, parts: dict[str, str]) -> str:
    for old, new in parts.items():
        if name == old or name.startswith(f"{old}_"):
            return new + name.removeprefix(old)
    return name


def _renamed_within(sql: str, parts: dict[str, str]) -> str:
    return " ".join(_renamed(word, parts) for word in sql.split(" "))


def _drop_platform_checks() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_platforms(drop=True)
        return
    for table in _WITH_PLATFORMS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_platform")


def _add_platform_checks() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_platforms(drop=False)
        return
    for table in _WITH_PLATFORMS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_platform CHECK ({_PLATFORMS})")


def _rewrite_platforms(*, drop: bool) -> None:
    rows = op.get_bind().execute(sa.text("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    rewritten = {}
    for name, sql in rows.all():
        if name not in _WITH_PLATFORMS:
            continue
        check = f"CONSTRAINT ck_{name}_platform CHECK ({_PLATFORMS})"
        if drop:
            head, found, rest = sql.partition(check)
            assert found, f"{name} has its check"
            rewritten[name] = head.rstrip().removesuffix(",") + rest
        else:
            end = sql.rindex(")")
            rewritten[name] = f"{sql[:end].rstrip()}, \n\t{check}\n{sql[end:]}"
    _rewrite_schema(rewritten)


def _rewrite_schema(tables: dict[str, str]) -> None:
    """Change the texts by which SQLite knows tables, where no row's content changes.

    SQLite documents this for checks: https://www.sqlite.org/lang_altertable.html#otheralter. To copy a table
    that others refer to would delete their rows: foreign keys cannot be switched off within a transaction.
    """
    bind = op.get_bind()
    (version,) = bind.execute(sa.text("PRAGMA schema_version")).one()
    op.execute("PRAGMA writable_schema = ON")
    for name, sql in tables.items():
        bind.execute(
            sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
            {"sql": sql, "name": name},
        )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
