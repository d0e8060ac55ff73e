"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go to this revision."""
    _create_counters()
    _create_inbox()
    _create_papers()
    _create_source_runs()
    _create_teams()
    _create_vectors()
    _create_merged_papers()
    _create_paper_categories()
    _create_paper_identifiers()
    _create_paper_links()
    _create_workspaces()
    _create_people()
    _create_channels()
    _create_saved()
    _create_digests()
    _create_discussions()
    _create_shown_messages()
    _create_slots()
    _create_subscriptions()
    _create_views()
    _create_vote_observations()
    _create_digest_items()
    _create_discussion_messages()
    _create_posts()
    op.bulk_insert(
        sa.table("counters", sa.column("name"), sa.column("value")), [{"name": "papers", "value": 0}]
    )


def downgrade() -> None:
    """Go back to an empty database."""
    for table in _TABLES_LAST_FIRST:
        op.drop_table(table)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _of_team(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """Refer to a row that belongs to the same team."""
    return sa.ForeignKeyConstraint(
        ["team_id", column],
        [f"{target}.team_id", f"{target}.id"],
        name=op.f(f"fk_{table}_team_id_{column}"),
        ondelete="CASCADE",
        initially="IMMEDIATE",
        deferrable=True,
    )


def _create_counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("platform", _choice("platform", "console", "slack", "discord"), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_taken_at"), "inbox", ["taken_at"])


def _create_papers() -> None:
    op.create_table(
        "papers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("sequence", _KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("upvotes", _KEY, nullable=False),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("listed", sa.Date(), nullable=True),
        sa.Column("added", _MOMENT, nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column(
            "dated",
            sa.Date(),
            sa.Computed("coalesce(published, listed, added_on)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "arrived",
            sa.Date(),
            sa.Computed("coalesce(listed, published, added_on)", persisted=True),
            nullable=False,
        ),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_papers_title")),
        sa.CheckConstraint("upvotes >= 0", name=op.f("ck_papers_upvotes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("sequence", name=op.f("uq_papers_sequence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_papers_arrived"), "papers", ["arrived"])
    op.create_index(op.f("ix_papers_dated"), "papers", ["dated"])
    op.create_index(op.f("ix_papers_text_hash"), "papers", ["text_hash"])
    op.create_index(op.f("ix_papers_title_key"), "papers", ["title_key"], postgresql_using="hash")


def _create_source_runs() -> None:
    op.create_table(
        "source_runs",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", _choice("state", "complete", "partial", "empty", "failed"), nullable=False),
        sa.Column("papers", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("papers >= 0", name=op.f("ck_source_runs_papers")),
        sa.PrimaryKeyConstraint("source", "day", name=op.f("pk_source_runs")),
    )


def _create_teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sqlite_autoincrement=True,
    )


def _create_vectors() -> None:
    op.create_table(
        "vectors",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model", "text_hash", name=op.f("pk_vectors")),
    )


def _create_merged_papers() -> None:
    op.create_table(
        "merged_papers",
        sa.Column("old_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("sequence", _KEY, nullable=False),
        sa.CheckConstraint("old_id > paper_id", name=op.f("ck_merged_papers_into_lower")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_merged_papers_paper_id")),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_merged_papers")),
    )
    op.create_index(op.f("ix_merged_papers_paper_id"), "merged_papers", ["paper_id"])
    op.create_index(op.f("ix_merged_papers_sequence"), "merged_papers", ["sequence"])


def _create_paper_categories() -> None:
    op.create_table(
        "paper_categories",
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("position", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_categories_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "category", name=op.f("pk_paper_categories")),
    )
    op.create_index(
        op.f("ix_paper_categories_category_paper_id"), "paper_categories", ["category", "paper_id"]
    )


def _create_paper_identifiers() -> None:
    op.create_table(
        "paper_identifiers",
        sa.Column("scheme", _choice("scheme", "arxiv", "doi", "openreview"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_identifiers_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scheme", "value", name=op.f("pk_paper_identifiers")),
    )
    op.create_index(op.f("ix_paper_identifiers_paper_id"), "paper_identifiers", ["paper_id"])


def _create_paper_links() -> None:
    op.create_table(
        "paper_links",
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("link_key", sa.Text(), nullable=False),
        sa.Column("position", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_links_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "link_key", name=op.f("pk_paper_links")),
    )
    op.create_index(
        op.f("ix_paper_links_link_key_position_paper_id"),
        "paper_links",
        ["link_key", "position", "paper_id"],
    )


def _create_workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("platform", _choice("platform", "console", "slack", "discord"), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_workspaces_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("platform", "external_id", name=op.f("uq_workspaces_platform_external_id")),
        sa.UniqueConstraint("team_id", "id", name=op.f("uq_workspaces_team_id_id")),
        sqlite_autoincrement=True,
    )


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("workspace_id", _KEY, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _of_team("people", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("team_id", "id", name=op.f("uq_people_team_id_id")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_people_workspace_id_external_id")),
        sqlite_autoincrement=True,
    )


def _create_channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("workspace_id", _KEY, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("owner_id", _KEY, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("post_at", sa.Time(), nullable=False),
        sa.Column("layout", _choice("layout", "threaded", "flat", "broadcast"), nullable=False),
        sa.Column("changers", _choice("changers", "anyone", "admins"), nullable=False),
        sa.CheckConstraint("timezone <> ''", name=op.f("ck_channels_timezone")),
        _of_team("channels", "owner_id", "people"),
        _of_team("channels", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("team_id", "id", name=op.f("uq_channels_team_id_id")),
        sa.UniqueConstraint("workspace_id", "owner_id", name=op.f("uq_channels_workspace_id_owner_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("uq_channels_workspace_id_external_id"),
        "channels",
        ["workspace_id", "external_id"],
        unique=True,
        sqlite_where=sa.text("owner_id IS NULL"),
        postgresql_where=sa.text("owner_id IS NULL"),
    )


def _create_saved() -> None:
    op.create_table(
        "saved",
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_saved_paper_id")),
        _of_team("saved", "person_id", "people"),
        sa.PrimaryKeyConstraint("person_id", "paper_id", name=op.f("pk_saved")),
    )
    op.create_index(op.f("ix_saved_paper_id"), "saved", ["paper_id"])
    op.create_index(op.f("ix_saved_person_id_saved_at"), "saved", ["person_id", "saved_at"])


def _create_digests() -> None:
    op.create_table(
        "digests",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("kind", _choice("kind", "papers", "nothing_new", "warning"), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("planned_at", _MOMENT, nullable=False),
        _of_team("digests", "channel_id", "channels"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint(
            "channel_id",
            "at",
            "timezone",
            "local_date",
            name=op.f("uq_digests_channel_id_at_timezone_local_date"),
        ),
        sa.UniqueConstraint("channel_id", "id", name=op.f("uq_digests_channel_id_id")),
        sqlite_autoincrement=True,
    )


def _create_discussions() -> None:
    op.create_table(
        "discussions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("opened_by", _KEY, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_discussions_paper_id")),
        _of_team("discussions", "channel_id", "channels"),
        _of_team("discussions", "opened_by", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussions")),
        sa.UniqueConstraint("channel_id", "message", name=op.f("uq_discussions_channel_id_message")),
        sa.UniqueConstraint("team_id", "id", name=op.f("uq_discussions_team_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_discussions_channel_id_paper_id"), "discussions", ["channel_id", "paper_id"])
    op.create_index(op.f("ix_discussions_paper_id"), "discussions", ["paper_id"])


def _create_shown_messages() -> None:
    op.create_table(
        "shown_messages",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column(
            "shown", _choice("shown", "card", "whole", "summary", "discussion", "listed"), nullable=False
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shown_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_shown_messages_paper_id")),
        _of_team("shown_messages", "channel_id", "channels"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_messages")),
        sa.UniqueConstraint(
            "channel_id", "message", "paper_id", name=op.f("uq_shown_messages_channel_id_message_paper_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_shown_messages_channel_id_paper_id_shown_at"),
        "shown_messages",
        ["channel_id", "paper_id", "shown_at"],
    )
    op.create_index(op.f("ix_shown_messages_paper_id"), "shown_messages", ["paper_id"])


def _create_slots() -> None:
    op.create_table(
        "slots",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        _of_team("slots", "channel_id", "channels"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint("channel_id", "at", "timezone", name=op.f("uq_slots_channel_id_at_timezone")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_slots_due_at"), "slots", ["due_at"])


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("topic_key", sa.Text(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("days", _KEY, nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("min_votes", _KEY, nullable=False),
        sa.Column("top", _KEY, nullable=False),
        sa.Column("created_by", _KEY, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.CheckConstraint("topic_key <> ''", name=op.f("ck_subscriptions_topic_key")),
        sa.CheckConstraint("days BETWEEN 1 AND 127", name=op.f("ck_subscriptions_days")),
        sa.CheckConstraint("min_votes >= 0", name=op.f("ck_subscriptions_min_votes")),
        sa.CheckConstraint("top > 0", name=op.f("ck_subscriptions_top")),
        _of_team("subscriptions", "channel_id", "channels"),
        _of_team("subscriptions", "created_by", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("channel_id", "id", name=op.f("uq_subscriptions_channel_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("uq_subscriptions_channel_id_topic_key"),
        "subscriptions",
        ["channel_id", "topic_key"],
        unique=True,
        sqlite_where=sa.text("NOT ended"),
        postgresql_where=sa.text("NOT ended"),
    )


def _create_views() -> None:
    op.create_table(
        "views",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("team_id", _KEY, nullable=True),
        sa.Column("person_id", _KEY, nullable=True),
        sa.Column("channel_id", _KEY, nullable=True),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("paper_ids", sa.JSON(), nullable=False),
        sa.Column("sentences", sa.JSON(), nullable=False),
        sa.Column("expires", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "team_id IS NOT NULL OR (person_id IS NULL AND channel_id IS NULL)",
            name=op.f("ck_views_owned_by_team"),
        ),
        _of_team("views", "channel_id", "channels"),
        _of_team("views", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
    )
    op.create_index(op.f("ix_views_expires"), "views", ["expires"])


def _create_vote_observations() -> None:
    op.create_table(
        "vote_observations",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("source", _choice("source", "reaction", "button", "command"), nullable=False),
        sa.Column("observed_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "(source = 'reaction') = (message IS NOT NULL)",
            name=op.f("ck_vote_observations_reaction_on_message"),
        ),
        sa.CheckConstraint(
            "source <> 'reaction' OR value <> 0", name=op.f("ck_vote_observations_reaction_value")
        ),
        sa.CheckConstraint("value IN (-1, 0, 1)", name=op.f("ck_vote_observations_value")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_vote_observations_paper_id")),
        _of_team("vote_observations", "channel_id", "channels"),
        _of_team("vote_observations", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_observations")),
        sa.UniqueConstraint(
            "channel_id",
            "message",
            "person_id",
            "value",
            name=op.f("uq_vote_observations_channel_id_message_person_id_value"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_vote_observations_channel_id_paper_id_person_id_observed_at_id"),
        "vote_observations",
        ["channel_id", "paper_id", "person_id", "observed_at", "id"],
    )
    op.create_index(op.f("ix_vote_observations_paper_id"), "vote_observations", ["paper_id"])
    op.create_index(
        op.f("ix_vote_observations_team_id_paper_id"), "vote_observations", ["team_id", "paper_id"]
    )


def _create_digest_items() -> None:
    op.create_table(
        "digest_items",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("digest_id", _KEY, nullable=False),
        sa.Column("position", _KEY, nullable=False),
        sa.Column("paper_id", _KEY, nullable=False),
        sa.Column("subscription_id", _KEY, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("given_up", sa.Boolean(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_digest_items_score")),
        sa.ForeignKeyConstraint(
            ["channel_id", "digest_id"],
            ["digests.channel_id", "digests.id"],
            name=op.f("fk_digest_items_channel_id_digest_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id", "subscription_id"],
            ["subscriptions.channel_id", "subscriptions.id"],
            name=op.f("fk_digest_items_channel_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_digest_items_paper_id")),
        _of_team("digest_items", "channel_id", "channels"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_items")),
        sa.UniqueConstraint("digest_id", "id", name=op.f("uq_digest_items_digest_id_id")),
        sa.UniqueConstraint("digest_id", "position", name=op.f("uq_digest_items_digest_id_position")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_digest_items_paper_id"), "digest_items", ["paper_id"])
    op.create_index(
        op.f("uq_digest_items_channel_id_paper_id"),
        "digest_items",
        ["channel_id", "paper_id"],
        unique=True,
        sqlite_where=sa.text("NOT given_up"),
        postgresql_where=sa.text("NOT given_up"),
    )


def _create_discussion_messages() -> None:
    op.create_table(
        "discussion_messages",
        sa.Column("discussion_id", _KEY, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("person_id", _KEY, nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=False),
        _of_team("discussion_messages", "discussion_id", "discussions"),
        _of_team("discussion_messages", "person_id", "people"),
        sa.PrimaryKeyConstraint("discussion_id", "message", name=op.f("pk_discussion_messages")),
    )


def _create_posts() -> None:
    op.create_table(
        "posts",
        *_columns_of_posts(),
        *_checks_of_posts(),
        *_references_of_posts(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("digest_id", "id", name=op.f("uq_posts_digest_id_id")),
        sa.UniqueConstraint("digest_id", "part", name=op.f("uq_posts_digest_id_part")),
        sa.UniqueConstraint("item_id", name=op.f("uq_posts_item_id")),
        sa.UniqueConstraint("token", name=op.f("uq_posts_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_posts_channel_id_message"), "posts", ["channel_id", "message"])
    op.create_index(
        op.f("ix_posts_open"),
        "posts",
        ["channel_id", "digest_id", "part"],
        sqlite_where=sa.text("state IN ('planned', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('planned', 'sending', 'unknown')"),
    )


def _columns_of_posts() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", _KEY, nullable=False),
        sa.Column("team_id", _KEY, nullable=False),
        sa.Column("channel_id", _KEY, nullable=False),
        sa.Column("digest_id", _KEY, nullable=False),
        sa.Column("part", _KEY, nullable=False),
        sa.Column("depends_on", _KEY, nullable=True),
        sa.Column("item_id", _KEY, nullable=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column(
            "state",
            _choice("state", "planned", "sending", "sent", "unknown", "resolved", "failed"),
            nullable=False,
        ),
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
    ]


def _checks_of_posts() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            "(state IN ('sent', 'resolved')) = (message IS NOT NULL)",
            name=op.f("ck_posts_confirmed_has_message"),
        ),
        sa.CheckConstraint(
            "state <> 'sending' OR lease_owner IS NOT NULL", name=op.f("ck_posts_sending_has_lease")
        ),
        sa.CheckConstraint(
            "state IN ('sending', 'unknown') OR lease_owner IS NULL", name=op.f("ck_posts_lease_while_open")
        ),
        sa.CheckConstraint(
            "(lease_owner IS NULL) = (lease_until IS NULL)", name=op.f("ck_posts_lease_whole")
        ),
        sa.CheckConstraint("(message IS NULL) = (place IS NULL)", name=op.f("ck_posts_message_in_place")),
        sa.CheckConstraint("(message IS NULL) = (sent_at IS NULL)", name=op.f("ck_posts_message_sent_at")),
        sa.CheckConstraint(
            "(part = 0) = (depends_on IS NULL)", name=op.f("ck_posts_parts_depend_on_overview")
        ),
        sa.CheckConstraint("(part = 0) = (item_id IS NULL)", name=op.f("ck_posts_overview_has_no_item")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_posts_attempts")),
        sa.CheckConstraint("length(token) BETWEEN 1 AND 25", name=op.f("ck_posts_token")),
        sa.CheckConstraint("part >= 0", name=op.f("ck_posts_part")),
    ]


def _references_of_posts() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["channel_id", "digest_id"],
            ["digests.channel_id", "digests.id"],
            name=op.f("fk_posts_channel_id_digest_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["digest_id", "depends_on"],
            ["posts.digest_id", "posts.id"],
            name=op.f("fk_posts_digest_id_depends_on"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["digest_id", "item_id"],
            ["digest_items.digest_id", "digest_items.id"],
            name=op.f("fk_posts_digest_id_item_id"),
            ondelete="CASCADE",
        ),
        _of_team("posts", "channel_id", "channels"),
    ]


_TABLES_LAST_FIRST = (
    "posts",
    "discussion_messages",
    "digest_items",
    "vote_observations",
    "views",
    "subscriptions",
    "slots",
    "shown_messages",
    "discussions",
    "digests",
    "saved",
    "channels",
    "people",
    "workspaces",
    "paper_links",
    "paper_identifiers",
    "paper_categories",
    "merged_papers",
    "vectors",
    "teams",
    "source_runs",
    "papers",
    "inbox",
    "counters",
)
