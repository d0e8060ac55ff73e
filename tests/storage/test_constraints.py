"""What the database itself refuses, whoever writes to it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.domain.message import MessageRef
from bot.domain.vote import VoteSource
from storage.sql.store import SqlStore
from storage.sql.tables import (
    Base,
    ChannelRow,
    CommentRow,
    DescriptionRow,
    DigestItemRow,
    DigestRow,
    DiscussionRow,
    IdentifierRow,
    MergedPaperRow,
    PaperRow,
    PersonRow,
    PostRow,
    ResultListRow,
    SavedRow,
    SeparatedPaperRow,
    ShownRow,
    SlotRow,
    SubscriptionRow,
    TeamRow,
    VoteRow,
    WorkspaceRow,
)
from tests.storage.making import (
    NINE,
    NOW,
    UP,
    arrive,
    arxiv,
    claim,
    draft,
    origin,
    papers,
    plan,
    put_paper,
    react,
    show,
)

HOME, ABROAD = 1, 2
"""The numbers of the two teams, which are also those of their channels and people."""


@pytest.fixture
async def full(store: SqlStore) -> SqlStore:
    """A store with a row of everything for two teams; each row's number is its team's."""
    async with store.writing() as tx:
        one, _ = await put_paper(tx, draft("One", arxiv("1"), categories=("cs.CL",)), NOW)
        [two] = await papers(tx, "Two")
        for workspace in ("lab", "elsewhere"):
            context = await arrive(tx, workspace=workspace)
            card = await show(tx, context, "m", one)
            await react(tx, context, one, card, UP, at=NOW)
            await tx.discussions.open(context, one, card, NOW)
            await tx.discussions.comment(context, MessageRef("general", "c", "m"), NOW)
            await tx.saved.put(context, one, NOW)
            await tx.schedule.set_due({(context.channel.id, NINE): NOW}, NOW)
            assert await plan(tx, context, one)
            assert (context.team_id, context.channel.id, context.person.id) in {(HOME,) * 3, (ABROAD,) * 3}
        await tx.inbox.add(origin(), "event", NOW)
        assert (one, two) == (1, 2)
    return store


async def run(store: SqlStore, statement: Any, **values: Any) -> Any:
    async with store.writing() as tx:
        return await tx._connection.run(statement, values or None)


async def copied(store: SqlStore, row: type[Base], **changes: Any) -> None:
    """Insert a copy of the first row of a table, with changes."""
    table = row.__table__
    assert isinstance(table, Table)
    columns = [column for column in table.columns if not column.computed]
    numbered = "id" in table.columns and row is not ResultListRow
    async with store.writing() as tx:
        first = (await tx._connection.run(select(*columns).order_by(*table.primary_key).limit(1))).one()
        values = {column.name: value for column, value in zip(columns, first, strict=True)}
        if numbered:
            del values["id"]
        await tx._connection.run(insert(row).values({**values, **changes}))


TWICE: list[tuple[type[Base], dict[str, Any]]] = [
    (WorkspaceRow, {}),
    (PersonRow, {}),
    (ChannelRow, {}),
    (PaperRow, {}),
    (IdentifierRow, {"paper_id": 2}),
    (VoteRow, {}),
    (VoteRow, {"paper_id": 2}),
    (ShownRow, {}),
    (DiscussionRow, {"paper_id": 2}),
    (CommentRow, {}),
    (SavedRow, {}),
    (SubscriptionRow, {}),
    (SlotRow, {}),
    (DigestRow, {"warning": "another"}),
    (DigestItemRow, {"position": 9}),
    (DigestItemRow, {"paper_id": 2}),
    (PostRow, {"token": "x"}),
    (PostRow, {"part": 9, "depends_on": 1, "item_id": 1, "token": "x"}),
]


async def test_what_is_there_once_is_not_there_twice(full: SqlStore, subtests: pytest.Subtests) -> None:
    for row, changes in TWICE:
        with subtests.test(row.__tablename__, **changes), pytest.raises(IntegrityError, match=r"(?i)unique"):
            await copied(full, row, **changes)


STRANGERS: list[tuple[type[Base], dict[str, Any]]] = [
    (ChannelRow, {"external_id": "x", "team_id": ABROAD}),
    (ChannelRow, {"external_id": "x", "owner_id": ABROAD}),
    (PersonRow, {"external_id": "x", "workspace_id": ABROAD}),
    (VoteRow, {"message": "x", "person_id": ABROAD}),
    (VoteRow, {"message": "x", "channel_id": ABROAD}),
    (VoteRow, {"message": "x", "team_id": ABROAD}),
    (ShownRow, {"message": "x", "channel_id": ABROAD}),
    (DiscussionRow, {"message": "x", "opened_by": ABROAD}),
    (CommentRow, {"message": "x", "discussion_id": ABROAD}),
    (CommentRow, {"message": "x", "person_id": ABROAD}),
    (SavedRow, {"paper_id": 2, "person_id": ABROAD}),
    (SubscriptionRow, {"topic_key": "x", "created_by": ABROAD}),
    (SubscriptionRow, {"topic_key": "x", "channel_id": ABROAD}),
    (SlotRow, {"timezone": "UTC", "channel_id": ABROAD}),
    (DigestRow, {"timezone": "UTC", "team_id": ABROAD}),
    (DigestItemRow, {"paper_id": 2, "position": 9, "digest_id": ABROAD}),
    (DigestItemRow, {"paper_id": 2, "position": 9, "subscription_id": ABROAD}),
    (DigestItemRow, {"paper_id": 2, "position": 9, "channel_id": ABROAD}),
]


async def test_a_team_has_nothing_to_do_with_anothers_rows(full: SqlStore, subtests: pytest.Subtests) -> None:
    for row, changes in STRANGERS:
        with (
            subtests.test(row.__tablename__, **changes),
            pytest.raises(IntegrityError, match=r"(?i)foreign key"),
        ):
            await copied(full, row, **changes)


NONSENSE: list[tuple[type[Base], dict[str, Any], str]] = [
    (PaperRow, {"sequence": 99, "title": ""}, "ck_papers_title"),
    (PaperRow, {"sequence": 99, "upvotes": -1}, "ck_papers_upvotes"),
    (PaperRow, {"sequence": 99, "abstract": None}, "(?i)not.null"),
    (IdentifierRow, {"value": "x", "paper_id": 99}, "(?i)foreign key"),
    (VoteRow, {"message": "x", "value": 2}, "ck_vote_observations_value"),
    (VoteRow, {"message": "x", "value": 0}, "reaction_value"),
    (VoteRow, {"message": None, "emoji": None, "reported_at": None}, "reaction_on_message"),
    (VoteRow, {"message": "x", "emoji": None}, "reaction_by_emoji"),
    (VoteRow, {"message": "x", "reported_at": None}, "reaction_reported_at"),
    (
        VoteRow,
        {"message": None, "emoji": None, "reported_at": None, "source": VoteSource.BUTTON, "ended_at": NOW},
        "reaction_ends",
    ),
    (VoteRow, {"message": "x", "source": VoteSource.BUTTON}, "reaction_on_message"),
    (VoteRow, {"message": "x", "paper_id": 99}, "(?i)foreign key"),
    (SubscriptionRow, {"topic_key": ""}, "ck_subscriptions_topic_key"),
    (SubscriptionRow, {"topic_key": "x", "days": 0}, "ck_subscriptions_days"),
    (SubscriptionRow, {"topic_key": "x", "days": 128}, "ck_subscriptions_days"),
    (SubscriptionRow, {"topic_key": "x", "min_votes": -1}, "ck_subscriptions_min_votes"),
    (SubscriptionRow, {"topic_key": "x", "top": 0}, "ck_subscriptions_top"),
    (DigestItemRow, {"paper_id": 2, "position": 9, "score": 1.1}, "ck_digest_items_score"),
    (PostRow, {"part": 9, "token": "x", "depends_on": 1}, "overview_has_no_item"),
    (PostRow, {"part": 9, "token": "x", "item_id": 1}, "parts_depend_on_overview"),
    (PostRow, {"part": -1, "token": "x", "depends_on": 1, "item_id": 1}, "ck_posts_part"),
]


async def test_what_makes_no_sense_is_refused(full: SqlStore, subtests: pytest.Subtests) -> None:
    for row, changes, why in NONSENSE:
        with subtests.test(row.__tablename__, **changes), pytest.raises(IntegrityError, match=why):
            await copied(full, row, **changes)


CHOICES = [
    ("channels", "layout"),
    ("channels", "edit_policy"),
    ("paper_identifiers", "scheme"),
    ("shown_messages", "shown"),
    ("digests", "kind"),
    ("posts", "state"),
]


async def test_words_that_are_none_of_the_choices_are_refused(
    full: SqlStore, subtests: pytest.Subtests
) -> None:
    for table, column in CHOICES:
        with subtests.test(table, column=column), pytest.raises(IntegrityError, match=f"ck_{table}_{column}"):
            await run(full, text(f"UPDATE {table} SET {column} = 'nonsense'"))


async def test_a_vote_has_one_of_the_sources(full: SqlStore) -> None:
    casts = (
        "UPDATE vote_observations SET source = 'nonsense', message = NULL, emoji = NULL, reported_at = NULL"
    )
    with pytest.raises(IntegrityError, match="ck_vote_observations_source"):
        await run(full, text(casts))


LIES = [
    ("state = 'sent'", "confirmed_has_message"),
    ("state = 'resolved'", "confirmed_has_message"),
    ("message = 'm', place = 'p', sent_at = planned_at", "confirmed_has_message"),
    ("state = 'sent', message = 'm', sent_at = planned_at", "message_in_place"),
    ("state = 'sent', message = 'm', place = 'p'", "message_sent_at"),
    ("state = 'sending'", "sending_has_lease"),
    ("state = 'sending', lease_owner = 'one'", "lease_whole"),
    ("lease_owner = 'one', lease_until = planned_at", "lease_while_open"),
    ("state = 'failed', lease_owner = 'one', lease_until = planned_at", "lease_while_open"),
    ("token = ''", "ck_posts_token"),
    ("token = '12345678901234567890123456'", "ck_posts_token"),
    ("attempts = -1", "ck_posts_attempts"),
    ("part = 8", "overview_has_no_item|parts_depend_on_overview"),
]


async def test_a_post_says_no_more_of_itself_than_is_known(full: SqlStore, subtests: pytest.Subtests) -> None:
    for change, why in LIES:
        with subtests.test(change), pytest.raises(IntegrityError, match=why):
            await run(full, text(f"UPDATE posts SET {change} WHERE part = 0 AND channel_id = 1"))


async def test_a_part_depends_on_the_overview_of_its_own_digest(full: SqlStore) -> None:
    posts = (await run(full, select(PostRow.id, PostRow.digest_id, PostRow.part))).all()
    [part] = [post.id for post in posts if post.digest_id == HOME and post.part == 1]
    [other] = [post.id for post in posts if post.digest_id == ABROAD and post.part == 0]
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await run(full, update(PostRow).where(PostRow.id == part).values(depends_on=other))


async def test_posts_that_are_on_their_way_may_be_held(full: SqlStore) -> None:
    held = "lease_owner = 'one', lease_until = planned_at"
    await run(full, text(f"UPDATE posts SET state = 'sending', {held} WHERE part = 0"))
    await run(full, text(f"UPDATE posts SET state = 'unknown', {held} WHERE part = 0"))


async def test_a_person_has_one_channel_of_their_own_and_names_of_shared_ones_are_unique(
    full: SqlStore,
) -> None:
    await copied(full, ChannelRow, owner_id=HOME)
    with pytest.raises(IntegrityError):
        await copied(full, ChannelRow, owner_id=HOME, external_id="x")


async def test_a_view_belongs_to_a_team_as_soon_as_it_belongs_to_anybody(full: SqlStore) -> None:
    values = {"command": "search", "text": "", "paper_ids": [], "sentences": {}}
    for owner in (
        {"person_id": HOME},
        {"channel_id": HOME},
        {"person_id": HOME, "channel_id": ABROAD, "team_id": HOME},
    ):
        with pytest.raises(IntegrityError):
            await run(full, insert(ResultListRow).values(id="x", **values, **owner))


async def test_papers_that_anything_hangs_on_cannot_be_deleted(full: SqlStore) -> None:
    for row in (VoteRow, ShownRow, DiscussionRow, SavedRow, DigestItemRow):
        with pytest.raises(IntegrityError):
            await run(full, delete(PaperRow).where(PaperRow.id == 1))
        await run(full, delete(row))
    await run(full, delete(PaperRow).where(PaperRow.id == 1))
    assert (await run(full, select(IdentifierRow.value))).all() == []


async def test_papers_are_kept_apart_once_and_with_the_lower_number_first(full: SqlStore) -> None:
    for pair in ((2, 1), (1, 1)):
        with pytest.raises(IntegrityError):
            await run(full, insert(SeparatedPaperRow).values(paper_id=pair[0], other_id=pair[1]))


async def test_a_description_has_a_record_and_a_text_or_neither(full: SqlStore) -> None:
    for values in ({"record": "r"}, {"record": "", "draft": {"title": "One"}}):
        row = {"paper_id": 1, "source": "s", "digest": "d", "seen_at": NOW, **values}
        with pytest.raises(IntegrityError):
            await run(full, insert(DescriptionRow).values(row))


async def test_a_merged_number_leads_to_another_paper(full: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        await run(full, insert(MergedPaperRow).values(old_id=1, paper_id=1, sequence=9))


async def test_a_subscription_that_digests_name_cannot_be_deleted(full: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        await run(full, delete(SubscriptionRow))


async def test_a_team_that_leaves_takes_its_rows_and_no_others(full: SqlStore) -> None:
    async with full.writing() as tx:
        await claim(tx)
    before = [(kind, row) async for kind, row in full.export()]
    await run(full, delete(TeamRow).where(TeamRow.id == ABROAD))
    after = [(kind, row) async for kind, row in full.export()]
    theirs = [
        (kind, row) for kind, row in before if ABROAD in {row.get("team_id"), kind == "teams" and row["id"]}
    ]
    assert {kind for kind, _ in theirs} >= {
        "teams",
        "people",
        "vote_observations",
        "digests",
        "posts",
        "saved",
    }
    assert after == [each for each in before if each not in theirs]


async def test_two_teams_can_become_one(full: SqlStore) -> None:
    owned = [table for table in Base.metadata.sorted_tables if "team_id" in table.columns]
    async with full.writing() as tx:
        defer = (
            "SET CONSTRAINTS ALL DEFERRED"
            if tx._connection.dialect == "postgresql"
            else "PRAGMA defer_foreign_keys = ON"
        )
        await tx._connection.run(text(defer))
        for table in owned:
            await tx._connection.run(update(table).where(table.c.team_id == ABROAD).values(team_id=HOME))
        await tx._connection.run(delete(TeamRow).where(TeamRow.id == ABROAD))
        assert (await arrive(tx, workspace="elsewhere")).team_id == (await arrive(tx)).team_id == HOME
    async with full.reading() as tx:
        ann = await arrive(tx, workspace="elsewhere")
        assert await tx.papers.upvotes([1], [HOME]) == {HOME: {1: 2}}
        assert (await tx.saved.page(ann, 9, 0))[1] == 1


async def test_a_slot_and_date_has_one_digest_even_where_nobody_looked(full: SqlStore) -> None:
    await copied(full, DigestRow, local_date=date(2030, 1, 1))
    with pytest.raises(IntegrityError):
        await copied(full, DigestRow, local_date=date(2030, 1, 1))
