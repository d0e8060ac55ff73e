"""Posts that ask the owner of a mail address whether they want papers."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NAME = "ck_posts_digest_or_news"
_BEFORE = "(digest_id IS NULL) = (news_id IS NOT NULL)"
_AFTER = (
    "(digest_id IS NULL) = ((news_id IS NULL) <> (request IS NULL)) AND (news_id IS NULL OR request IS NULL)"
)


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("posts", sa.Column("request", sa.JSON(none_as_null=True), nullable=True))
    _change_check(_BEFORE, _AFTER)


def downgrade() -> None:
    """Go back to the revision before. Requests that are still on their way are lost."""
    op.execute("DELETE FROM posts WHERE request IS NOT NULL")
    _change_check(_AFTER, _BEFORE)
    op.drop_column("posts", "request")


def _change_check(before: str, after: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_check(before, after)
        return
    op.execute(f"ALTER TABLE posts DROP CONSTRAINT {_NAME}")
    op.execute(f"ALTER TABLE posts ADD CONSTRAINT {_NAME} CHECK ({after})")


def _rewrite_check(before: str, after: str) -> None:
    """Change the text by which SQLite knows the check. To copy the table would delete rows that refer to it.

    SQLite documents this for checks: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    bind = op.get_bind()
    (version,) = bind.execute(sa.text("PRAGMA schema_version")).one()
    known = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'posts'")
    sql = bind.execute(known).scalar_one()
    old, new = f"CONSTRAINT {_NAME} CHECK ({before})", f"CONSTRAINT {_NAME} CHECK ({after})"
    assert old in sql, "the table has its check"
    op.execute("PRAGMA writable_schema = ON")
    changed = sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = 'posts'")
    bind.execute(changed, {"sql": sql.replace(old, new)})
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
