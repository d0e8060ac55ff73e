"""Samples are for trying out: where a team's papers are, nobody ever reads one."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.domain.identifiers import title_key
from bot.domain.paper import Outcome, PaperDraft, PaperFilter, text_hash
from bot.domain.source import SAMPLE
from bot.domain.vote import Vote, VoteSource
from storage.sql.migrations import migrate
from storage.sql.migrations.history import downgrade, upgrade
from storage.sql.store import SqlStore, SqlTransaction
from tests.storage.making import NOW, arrive, arxiv, draft, plan, put_paper, show
from tests.storage.test_migrations import on

BEFORE = "0014"
"""The release before."""
MOMENT = "2026-09-21 08:00:00+00:00"
LINK = "https://github.com/deepglint/Croc"
LONG_AGO = date(2000, 1, 1)


def sample(title: str = "Cracks in Kettles", **fields: Any) -> PaperDraft:
    return PaperDraft(title, "In our own words.", SAMPLE, **{"links": (LINK,), **fields})


def put(connection: Connection, table: str, **row: Any) -> None:
    values = ", ".join(f"'{value}'" for value in row.values())
    connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})")


def paper(connection: Connection, number: int, source: str = SAMPLE, **row: Any) -> None:
    title = f"Sample {number}"
    row = {
        "origins": {},
        "abstract": "In our own words.",
        "title": title,
        "title_key": title_key(title),
    } | row
    row["origins"] = json.dumps(row["origins"])
    row |= {"id": number, "sequence": number, "source": source, "upvotes": 0, "added": MOMENT}
    row |= {"added_on": "2026-09-21", "text_hash": f"hash {number}", "authors": "[]", "links": "[]"}
    put(connection, "papers", **row)
    put(connection, "descriptions", paper_id=number, source=source, digest=f"{number}", seen_at=MOMENT)
    put(connection, "paper_links", paper_id=number, link_key=f"a.example/{number}", position=0)


TOUCHED = {
    2: (
        "vote_observations",
        {"channel_id": 1, "person_id": 1, "value": 1, "source": "command", "observed_at": MOMENT},
    ),
    3: ("saved", {"person_id": 1, "saved_at": MOMENT}),
    4: (
        "discussions",
        {"channel_id": 1, "place": "c", "message": "m", "opened_by": 1, "opened_at": MOMENT},
    ),
    5: (
        "shown_messages",
        {"channel_id": 1, "place": "c", "message": "m", "shown": "card", "note": "", "shown_at": MOMENT},
    ),
    6: ("submissions", {"channel_id": 1, "person_id": 1, "added_at": MOMENT}),
    7: ("answered_links", {"channel_id": 1, "answered_at": MOMENT}),
}
"""Samples by number, with the row that tells what a team did with them; nobody touched the first."""
TABLES = [table for table, _ in TOUCHED.values()]


def fill(connection: Connection) -> None:
    put(connection, "teams", id=1, name="lab", created=MOMENT)
    put(connection, "workspaces", id=1, team_id=1, platform="console", external_id="lab")
    put(connection, "people", id=1, team_id=1, workspace_id=1, external_id="ann", name="Ann")
    settings = {"timezone": "UTC", "post_at": "09:00:00", "layout": "threaded", "changers": "anyone"}
    put(connection, "channels", id=1, team_id=1, workspace_id=1, external_id="c", name="c", **settings)
    for number in (1, *TOUCHED):
        paper(connection, number)
    for number, (table, row) in TOUCHED.items():
        put(connection, table, team_id=1, paper_id=number, **row)
    name = {"scheme": "doi", "value": "10.5/six", "team_id": 1}
    put(connection, "paper_identifiers", paper_id=6, **name)
    connection.execute(text("UPDATE counters SET value = 20 WHERE name = 'papers'"))


def slack(connection: Connection) -> None:
    put(connection, "teams", id=2, name="rival", created=MOMENT)
    put(connection, "workspaces", id=2, team_id=2, platform="slack", external_id="T1")


def fetched(connection: Connection) -> None:
    run = {"source": "arxiv", "day": "2026-09-20", "state": "empty", "papers": 0, "at": MOMENT, "detail": ""}
    put(connection, "source_runs", **run)


def imported(connection: Connection) -> None:
    paper(connection, 9, "file")


def added(connection: Connection) -> None:
    paper(connection, 9, "arxiv")
    put(connection, "submissions", channel_id=1, person_id=1, paper_id=9, team_id=1, added_at=MOMENT)


def nothing(connection: Connection) -> None:
    pass


async def migrated(url: str, *fills: Any) -> dict[int, bool]:
    """Migrate a database of the release before; by number, whether each of its papers is hidden."""
    await on(url, lambda connection: upgrade(connection, BEFORE))
    for each in fills:
        await on(url, each)
    await migrate(url)

    def hidden(connection: Connection) -> dict[int, bool]:
        rows = connection.execute(text("SELECT id, hidden FROM papers WHERE id <> 9 ORDER BY id"))
        return {number: bool(is_hidden) for number, is_hidden in rows}

    return await on(url, hidden)


def count(table: str) -> Any:
    return lambda connection: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.mark.parametrize("feed", [slack, fetched, imported])
async def test_samples_leave_a_database_that_something_feeds(empty_database: str, feed: Any) -> None:
    assert await migrated(empty_database, fill, feed) == dict.fromkeys(TOUCHED, True)
    for table in TABLES:
        assert await on(empty_database, count(table)) == 1, "what people did stays"
    assert await on(empty_database, count("paper_identifiers")) == 0
    await on(empty_database, lambda connection: downgrade(connection, BEFORE))
    await migrate(empty_database)


@pytest.mark.parametrize("feed", [nothing, added])
async def test_samples_stay_where_somebody_only_tries_the_bot_out(empty_database: str, feed: Any) -> None:
    assert await migrated(empty_database, fill, feed) == dict.fromkeys((1, *TOUCHED), False)


async def test_a_sample_that_a_source_confirmed_stays_without_our_words(empty_database: str) -> None:
    def confirmed(connection: Connection) -> None:
        paper(connection, 8, "crossref", origins={"abstract": SAMPLE, "venue": "openalex"})

    hidden = await migrated(empty_database, fill, confirmed, slack)
    assert hidden[8] is False
    store = SqlStore(empty_database)
    try:
        async with store.reading() as tx:
            found = (await tx.papers.get([8]))[8]
            assert (found.abstract, found.origins) == ("", {"venue": "openalex"})
            [(sequence, _)] = await tx.papers.changed_since(20, 9)
            assert sequence == 21, "it is indexed anew"
    finally:
        await store.close()


async def dealt_with(tx: SqlTransaction) -> tuple[Any, int]:
    """A person, and a sample that the team has voted on, saved, discussed, seen and had in a digest."""
    ann = await arrive(tx)
    known, _ = await put_paper(tx, sample(), NOW)
    await tx.votes.cast(ann, known, Vote.UP, VoteSource.COMMAND, NOW)
    await tx.saved.put(ann, known, NOW)
    await tx.discussions.open(ann, known, await show(tx, ann, "m", known), NOW)
    await plan(tx, ann, known)
    return ann, known


async def test_nobody_reads_a_hidden_sample(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, known = await dealt_with(tx)
        assert await tx.papers.find_by_title(title_key("Cracks in Kettles"), ann.team_id) == known
        assert (await tx.votes.leaders(ann.channel.id, None, 9, 0))[1] == 1
        await tx.papers.hide_samples(hidden=True)
    since = NOW - timedelta(days=9)
    async with store.reading() as tx:
        for team_id in (None, ann.team_id):
            assert await tx.papers.get([known], team_id) == {}
            assert await tx.papers.find_by_title(title_key("Cracks in Kettles"), team_id) is None
            assert await tx.papers.find_by_link(LINK, team_id) is None
            assert await tx.papers.filter(PaperFilter(since=LONG_AGO), team_id) == frozenset()
        assert await tx.papers.arrived(LONG_AGO) == frozenset()
        assert await tx.papers.changed_since(0, 9) == []
        assert await tx.papers.count() == 0
        assert await tx.papers.activity(ann.team_id, since, 9) == []
        assert await tx.votes.leaders(ann.channel.id, None, 9, 0) == ([], 0)
        assert await tx.saved.page(ann, 9, 0) == ([], 0)
        assert await tx.discussions.history(ann.channel.id, 9, 0) == ([], 0)
        assert await tx.source_polls.to_check("arxiv", NOW, 9) == []
    async with store.writing() as tx:
        await tx.papers.hide_samples(hidden=False)
        assert (await tx.votes.leaders(ann.channel.id, None, 9, 0))[1] == 1, "it is all still there"
        assert (await tx.saved.page(ann, 9, 0))[1] == 1


async def test_a_hidden_sample_comes_back_as_the_true_paper_once_a_source_tells_of_it(
    store: SqlStore,
) -> None:
    async with store.writing() as tx:
        ann, known = await dealt_with(tx)
        await tx.papers.hide_samples(hidden=True)
        ((before, _),) = (await tx.papers.changed_since(0, 9)) or [(1, None)]
        told = draft("Cracks in Kettles", arxiv("2406.00001"), abstract="")
        assert await put_paper(tx, told, NOW) == (known, Outcome.UPDATED)
        found = (await tx.papers.get([known], ann.team_id))[known]
        assert (found.source, found.abstract, found.origins) == ("arxiv", "", {})
        assert found.text_hash == text_hash("Cracks in Kettles", "")
        assert found.links == (LINK,)
        assert await tx.papers.find_by_link(LINK) == known
        [(sequence, _)] = await tx.papers.changed_since(before, 9)
        assert sequence > before
        assert (await tx.votes.leaders(ann.channel.id, None, 9, 0))[1] == 1
        await tx.papers.hide_samples(hidden=True)
        assert known in await tx.papers.get([known])


async def test_what_a_team_brings_does_not_lead_to_a_hidden_sample(store: SqlStore) -> None:
    name = arxiv("2406.00001")
    async with store.writing() as tx:
        ann, known = await dealt_with(tx)
        own = replace(draft("Cracks in Kettles", name, source="people"), abstract="")
        assert (await put_paper(tx, own, NOW, ann.team_id))[0] == known
        await tx.papers.hide_samples(hidden=True)
        brought, outcome = await put_paper(tx, own, NOW, ann.team_id)
        assert (brought != known, outcome) == (True, Outcome.NEW)
        assert await tx.papers.find_by_identifier(name, ann.team_id) == brought
        told, _ = await put_paper(tx, draft("Cracks in Kettles", name), NOW)
        found = await tx.papers.get([known, brought], ann.team_id)
        assert {each.id for each in found.values()} == {told}


async def test_an_export_leaves_samples_out(store: SqlStore) -> None:
    async with store.writing() as tx:
        ann, known = await dealt_with(tx)
        await put_paper(tx, draft("Plates", categories=("cs.CL",), links=("https://a.example/p",)), NOW)
        await put_paper(tx, sample("Cups", categories=("cs.LG",)), NOW)
    rows = [(kind, row) async for kind, row in store.export()]
    assert [row["title"] for kind, row in rows if kind == "papers"] == ["Plates"]
    parts = {"descriptions", "paper_links", "paper_categories"}
    assert {kind for kind, _ in rows} > parts
    (of_plates,) = {row["paper_id"] for kind, row in rows if kind in parts}
    assert of_plates != known
    assert [row["person_id"] for kind, row in rows if kind == "vote_observations"] == [ann.person.id]
    assert "our own words" not in repr(rows)
