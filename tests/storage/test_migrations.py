import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.sql import migrations
from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations import migrate, pending
from storage.sql.migrations.history import downgrade, upgrade
from storage.sql.tables import Base

_MOMENT = "2026-09-21 08:00:00+00:00"
_SLOT = {"at": "09:00:00", "timezone": "UTC"}
_A_DIGEST_WITH_A_POST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("teams", {"id": 1, "name": "lab", "created": _MOMENT}),
    ("workspaces", {"id": 1, "team_id": 1, "platform": "console", "external_id": "lab"}),
    (
        "channels",
        {
            "id": 1,
            "team_id": 1,
            "workspace_id": 1,
            "external_id": "general",
            "name": "general",
            "timezone": "UTC",
            "post_at": "09:00:00",
            "layout": "threaded",
            "changers": "anyone",
        },
    ),
    (
        "digests",
        {
            "id": 1,
            "team_id": 1,
            "channel_id": 1,
            **_SLOT,
            "local_date": "2026-09-21",
            "kind": "nothing_new",
            "warning": "",
            "planned_at": _MOMENT,
        },
    ),
    (
        "posts",
        {
            "id": 1,
            "team_id": 1,
            "channel_id": 1,
            "digest_id": 1,
            "part": 0,
            "token": "a token",
            "state": "planned",
            "planned_at": _MOMENT,
            "not_before": _MOMENT,
            "attempts": 0,
            "detail": "",
        },
    ),
)


async def on(url: str, work: Any) -> Any:
    engine = make_engine(url)
    try:
        async with for_writing(engine).begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def schema(connection: Connection) -> dict[str, Any]:
    """All that the database says of itself, constraints and defaults included."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (
                    str(column["type"]),
                    column["nullable"],
                    column["default"],
                    column.get("computed"),
                )
                for column in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "references": in_order(named(table, inspector.get_foreign_keys(table))),
            "unique": in_order(inspector.get_unique_constraints(table)),
            "checks": in_order(inspector.get_check_constraints(table)),
            "indexes": in_order(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def named(table: str, references: list[Any]) -> list[Any]:
    """Give those a name that SQLite tells none of, as they stand in their column's own words."""
    return [
        {**each, "name": each["name"] or f"fk_{table}_{'_'.join(each['constrained_columns'])}"}
        for each in references
    ]


def in_order(parts: list[Any]) -> list[Any]:
    def plain(part: dict[str, Any]) -> dict[str, Any]:
        options = {key: str(value) for key, value in part.get("dialect_options", {}).items()}
        return {**part, "dialect_options": options}

    return sorted(map(plain, parts), key=lambda part: part["name"])


async def test_the_migrations_lead_to_the_tables_as_they_are_declared(empty_database: str) -> None:
    await on(empty_database, Base.metadata.create_all)
    declared = await on(empty_database, schema)
    await on(empty_database, Base.metadata.drop_all)

    await migrate(empty_database)

    assert await on(empty_database, schema) == declared
    assert declared["posts"]["checks"]
    assert declared["digest_items"]["unique"]
    assert declared["vote_observations"]["references"]


async def test_alembic_finds_nothing_to_change(database: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, Base.metadata)

    assert await on(database, differences) == []


async def test_migrations_go_up_and_down_and_up_again(empty_database: str) -> None:
    missing = await pending(empty_database)
    await migrate(empty_database)
    first = await on(empty_database, schema)
    assert await pending(empty_database) == []

    await on(empty_database, downgrade)
    assert await on(empty_database, schema) == {}
    assert await pending(empty_database) == missing

    await migrate(empty_database)
    assert await on(empty_database, schema) == first


async def test_digests_posts_outlive_the_change_of_their_table(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0005"))

    def fill(connection: Connection) -> None:
        for table, row in _A_DIGEST_WITH_A_POST:
            values = ", ".join(f"'{value}'" for value in row.values())
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"))

    def posts(connection: Connection) -> list[Any]:
        return connection.execute(text("SELECT id, digest_id, part, depends_on, token FROM posts")).all()

    await on(empty_database, fill)
    before = await on(empty_database, posts)
    await migrate(empty_database)
    assert await on(empty_database, posts) == before == [(1, 1, 0, None, "a token")]
    await on(empty_database, lambda connection: downgrade(connection, "0005"))
    assert await on(empty_database, posts) == before


async def test_links_are_found_again_without_what_tells_where_somebody_came_from(
    empty_database: str,
) -> None:
    keys = [
        "example.org/a?utm_source=slack",
        "example.org/a?utm_medium=mail&utm_source=slack",
        "example.org:443/b?id=7&fbclid=x",
        "example.org/c",
    ]

    def fill(connection: Connection) -> None:
        paper = {"id": 1, "sequence": 1, "source": "arxiv", "upvotes": 0, "added": _MOMENT}
        paper |= {"added_on": "2026-09-21", "title_key": "a", "text_hash": "a", "title": "A", "abstract": ""}
        paper |= {"authors": "[]", "links": "[]"}
        rows: list[tuple[str, dict[str, Any]]] = [("papers", paper)]
        rows.append(("paper_identifiers", {"scheme": "doi", "value": "10.1145/1", "paper_id": 1}))
        rows += [
            ("paper_links", {"paper_id": 1, "link_key": key, "position": position})
            for position, key in enumerate(keys)
        ]
        for table, row in rows:
            values = ", ".join(f"'{value}'" for value in row.values())
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"))

    def kept(connection: Connection) -> list[Any]:
        return connection.execute(text("SELECT link_key, position FROM paper_links ORDER BY position")).all()

    def name(connection: Connection) -> list[Any]:
        connection.execute(
            text("INSERT INTO paper_identifiers (scheme, value, paper_id) VALUES ('hal', 'hal-01234567', 1)")
        )
        return names(connection)

    def names(connection: Connection) -> list[Any]:
        return connection.execute(text("SELECT scheme FROM paper_identifiers ORDER BY scheme")).all()

    await on(empty_database, lambda connection: upgrade(connection, "0009"))
    await on(empty_database, fill)
    await migrate(empty_database)

    assert await on(empty_database, kept) == [
        ("example.org/a", 0),
        ("example.org/b?id=7", 2),
        ("example.org/c", 3),
    ]
    assert await on(empty_database, name) == [("doi",), ("hal",)]
    await on(empty_database, lambda connection: downgrade(connection, "0009"))
    assert await on(empty_database, names) == [("doi",)]


async def test_states_of_installations_go_and_installations_stay(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0009"))

    def fill(connection: Connection) -> None:
        values = f"('slack', 'T1', 'Lab', 'A1', 'B1', 'U1', '[]', 'U2', '{_MOMENT}', '{_MOMENT}')"
        columns = (
            "platform, workspace, name, app, bot, bot_user, scopes, installed_by, installed_at, revoked_at"
        )
        connection.execute(text(f"INSERT INTO installations ({columns}) VALUES {values}"))
        connection.execute(text(f"INSERT INTO oauth_states VALUES ('one', '{_MOMENT}')"))

    def kept(connection: Connection) -> tuple[list[Any], bool]:
        workspaces = connection.execute(text("SELECT workspace FROM installations")).scalars().all()
        return list(workspaces), inspect(connection).has_table("oauth_states")

    await on(empty_database, fill)
    await migrate(empty_database)
    assert await on(empty_database, kept) == (["T1"], False)
    await on(empty_database, lambda connection: downgrade(connection, "0009"))
    assert await on(empty_database, kept) == (["T1"], True)


async def test_what_sources_said_before_is_known_by_its_digest_alone(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0014"))

    def fill(connection: Connection) -> None:
        paper = {"sequence": 1, "source": "arxiv", "upvotes": 0, "added": _MOMENT, "added_on": "2026-09-21"}
        paper |= {"title_key": "a", "text_hash": "a", "title": "A", "abstract": "", "authors": "[]"}
        rows: list[tuple[str, dict[str, Any]]] = [("papers", {"id": 1, **paper, "links": "[]"})]
        rows += [
            ("descriptions", {"paper_id": 1, "source": source, "digest": source, "seen_at": _MOMENT})
            for source in ("arxiv", "file")
        ]
        rows.append(("merged_papers", {"old_id": 7, "paper_id": 1, "sequence": 2}))
        for table, row in rows:
            values = ", ".join(f"'{value}'" for value in row.values())
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"))

    def said(connection: Connection) -> list[Any]:
        rows = connection.execute(text("SELECT source, record, draft FROM descriptions ORDER BY source"))
        return [tuple(row) for row in rows]

    def merged(connection: Connection) -> list[Any]:
        return [tuple(row) for row in connection.execute(text("SELECT old_id, paper_id FROM merged_papers"))]

    def use(connection: Connection) -> None:
        columns = "paper_id, source, record, digest, seen_at, draft"
        values = f"1, 'file', 'r', 'later', '{_MOMENT}', '{{}}'"
        connection.execute(text(f"INSERT INTO descriptions ({columns}) VALUES ({values})"))
        connection.execute(text("INSERT INTO merged_papers (old_id, sequence) VALUES (8, 3)"))

    def left(connection: Connection) -> list[Any]:
        rows = connection.execute(text("SELECT source, digest FROM descriptions ORDER BY source"))
        return [tuple(row) for row in rows]

    await on(empty_database, fill)
    await migrate(empty_database)
    assert await on(empty_database, said) == [("arxiv", "", None), ("file", "", None)]
    assert await on(empty_database, merged) == [(7, 1)]
    await on(empty_database, use)
    await on(empty_database, lambda connection: downgrade(connection, "0014"))
    assert await on(empty_database, left) == [("arxiv", "arxiv"), ("file", "later")]
    assert await on(empty_database, merged) == [(7, 1)]


async def test_cards_and_posts_of_before_outlive_what_they_know_now(empty_database: str) -> None:
    def fill(connection: Connection) -> None:
        _put_team(connection, 1, "lab")
        _put_paper(connection, 1, "arxiv", "Open", [])
        _put_deeds(connection, 1, 1, 0, ["shown_messages"])

    def read(connection: Connection) -> list[Any]:
        wanted = "SELECT paper_id, message, drawn_up, drawn_down FROM shown_messages"
        return [tuple(row) for row in connection.execute(text(wanted))]

    await on(empty_database, lambda connection: upgrade(connection, "0016"))
    await on(empty_database, fill)
    await migrate(empty_database)
    assert await on(empty_database, read) == [(1, "1 1", 0, 0)]
    await on(empty_database, lambda connection: downgrade(connection, "0016"))
    kept = text("SELECT message FROM shown_messages")
    assert await on(empty_database, lambda connection: connection.execute(kept).scalar_one()) == "1 1"


_RENAMED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("channels", {}, "changers, links", "edit_policy, link_following"),
    ("views", {"id": "a", "command": "top", "text": "", "paper_ids": "[1]", "sentences": "{}"}, "id", "id"),
    (
        "feeds",
        {"name": "arxiv", "settled": "2026-09-20", "due_at": _MOMENT, "asked_at": _MOMENT, "trouble": "late"},
        "name, settled, trouble",
        "name, complete_through, error",
    ),
    ("checks", {"source": "arxiv", "paper_id": 1, "at": _MOMENT}, "source, paper_id", "source, paper_id"),
    ("kept_apart", {"paper_id": 1, "other_id": 2}, "paper_id, other_id", "paper_id, other_id"),
    ("refused_names", {"paper_id": 1, "scheme": "doi", "value": "10.5/x"}, "value", "value"),
    (
        "news",
        {"paper_id": 1, "change": "withdrawn", "version": 2, "at": _MOMENT, "told": False},
        "version, told",
        "version, notified",
    ),
)
_NOW_CALLED = {
    "views": "result_lists",
    "feeds": "source_polls",
    "checks": "source_checks",
    "kept_apart": "separated_papers",
    "refused_names": "rejected_identifiers",
}


async def test_renamed_tables_and_columns_keep_their_rows(empty_database: str) -> None:
    def fill(connection: Connection) -> None:
        _put_team(connection, 1, "lab")
        for number, title in ((1, "One"), (2, "Two")):
            _put_paper(connection, number, "arxiv", title, [])
        for table, row, _, _ in _RENAMED:
            if row:
                _put(connection, table, **row)

    def before(connection: Connection) -> list[Any]:
        wanted = [text(f"SELECT {columns} FROM {table}") for table, _, columns, _ in _RENAMED]
        return [list(map(tuple, connection.execute(each))) for each in wanted]

    def after(connection: Connection) -> list[Any]:
        wanted = [
            text(f"SELECT {columns} FROM {_NOW_CALLED.get(table, table)}")
            for table, _, _, columns in _RENAMED
        ]
        return [list(map(tuple, connection.execute(each))) for each in wanted]

    await on(empty_database, lambda connection: upgrade(connection, "0017"))
    await on(empty_database, fill)
    kept = await on(empty_database, before)
    await migrate(empty_database)
    assert await on(empty_database, after) == kept
    await on(empty_database, lambda connection: downgrade(connection, "0017"))
    assert await on(empty_database, before) == kept


async def test_a_platform_is_any_that_a_surface_declares(database: str) -> None:
    def fill(connection: Connection) -> None:
        _put(connection, "teams", name="lab", created=_MOMENT)
        team = connection.execute(text("SELECT max(id) FROM teams")).scalar_one()
        _put(connection, "workspaces", team_id=team, platform="carrier-pigeon", external_id="loft")

    await on(database, fill)


async def test_digests_of_before_are_in_parts_and_were_never_sent_again(
    empty_database: str,
) -> None:
    def fill(connection: Connection) -> None:
        for table, row in _A_DIGEST_WITH_A_POST:
            _put(connection, table, **row)

    def read(connection: Connection) -> list[Any]:
        wanted = "SELECT single, resends, token FROM digests JOIN posts ON posts.digest_id = digests.id"
        return [(bool(single), *rest) for single, *rest in connection.execute(text(wanted))]

    await on(empty_database, lambda connection: upgrade(connection, "0005"))
    await on(empty_database, fill)
    await migrate(empty_database)
    assert await on(empty_database, read) == [(False, 0, "a token")]
    await on(empty_database, lambda connection: downgrade(connection, "0019"))
    kept = text("SELECT token FROM posts")
    assert await on(empty_database, lambda connection: connection.execute(kept).scalar_one()) == "a token"


async def test_posts_of_before_ask_for_nothing_and_requests_are_posts_of_their_own(
    empty_database: str,
) -> None:
    request = {"id": 2, "team_id": 1, "channel_id": 1, "part": 0, "token": "another", "state": "planned"}
    request |= {"planned_at": _MOMENT, "not_before": _MOMENT, "attempts": 0, "detail": ""}
    request |= {"request": json.dumps({"address": "ada@example.org"})}

    def fill(connection: Connection) -> None:
        for table, row in _A_DIGEST_WITH_A_POST:
            named = {{"changers": "edit_policy"}.get(name, name): value for name, value in row.items()}
            _put(connection, table, **named)

    def read(connection: Connection) -> list[Any]:
        rows = connection.execute(text("SELECT id, digest_id, token, request FROM posts ORDER BY id")).all()
        return [tuple(row) for row in rows]

    await on(empty_database, lambda connection: upgrade(connection, "0021"))
    await on(empty_database, fill)
    with pytest.raises(DBAPIError):
        await on(empty_database, lambda connection: _put(connection, "posts", **request))
    await migrate(empty_database)
    assert await on(empty_database, read) == [(1, 1, "a token", None)]
    await on(empty_database, lambda connection: _put(connection, "posts", **request))
    for wrong in ({"request": None}, {"digest_id": 1}):
        row = {**request, "id": 3, "token": "a third", **wrong}
        with pytest.raises(IntegrityError):
            await on(empty_database, lambda connection, row=row: _put(connection, "posts", **row))
    assert len(await on(empty_database, read)) == 2
    await on(empty_database, lambda connection: downgrade(connection, "0021"))
    kept = text("SELECT digest_id, token FROM posts")
    left = await on(empty_database, lambda connection: [tuple(row) for row in connection.execute(kept)])
    assert left == [(1, "a token")]
    await migrate(empty_database)
    assert await on(empty_database, read) == [(1, 1, "a token", None)]


async def test_what_cites_what_is_new_beside_the_papers_of_before(empty_database: str) -> None:
    row = {"citing": "arxiv:1", "cited": "doi:10.1/a", "source": "semanticscholar", "seen_at": _MOMENT}

    def fill(connection: Connection) -> None:
        _put_paper(connection, 1, "arxiv", "One", ["https://example.org/a"])

    def read(connection: Connection) -> list[Any]:
        wanted = "SELECT title, link_key FROM papers JOIN paper_links ON paper_id = papers.id"
        return [tuple(row) for row in connection.execute(text(wanted))]

    await on(empty_database, lambda connection: upgrade(connection, "0022"))
    await on(empty_database, fill)
    before = await on(empty_database, read)
    await migrate(empty_database)
    assert await on(empty_database, read) == before == [("One", "example.org/a")]
    await on(empty_database, lambda connection: _put(connection, "citations", **row))
    for wrong in (row, {**row, "cited": "arxiv:1"}):
        with pytest.raises(IntegrityError):
            await on(empty_database, lambda connection, wrong=wrong: _put(connection, "citations", **wrong))
    await on(empty_database, lambda connection: downgrade(connection, "0022"))
    assert await on(empty_database, read) == before
    assert not await on(empty_database, lambda connection: inspect(connection).has_table("citations"))
    await migrate(empty_database)
    assert await on(empty_database, read) == before


async def test_programs_that_start_together_migrate_once(empty_database: str) -> None:
    await asyncio.gather(*(migrate(empty_database) for _ in range(4)))

    assert await pending(empty_database) == []


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    missing = await pending(empty_database)

    def half_way(connection: Connection) -> None:
        upgrade(connection)
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError):
        await on(empty_database, half_way)

    assert await on(empty_database, schema) == {}
    assert await pending(empty_database) == missing


_DIRTY: tuple[tuple[str, dict[str, Any]], ...] = (
    *_A_DIGEST_WITH_A_POST[:2],
    ("people", {"id": 1, "team_id": 1, "workspace_id": 1, "external_id": "a", "name": "Ann"}),
    ("people", {"id": 2, "team_id": 1, "workspace_id": 1, "external_id": "a\0", "name": "An\0n"}),
    (
        "papers",
        {
            "id": 1,
            "title": "Ti\0tle",
            "title_key": "title",
            "text_hash": "hash",
            "abstract": "",
            "source": "people",
            "authors": json.dumps(["A\0nn", "\ud800B", "\U0001f600"]),
            "links": "[]",
            "sequence": 1,
            "upvotes": 0,
            "added": _MOMENT,
            "added_on": "2026-09-21",
        },
    ),
)


async def test_texts_that_only_sqlite_took_become_clean(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"

    def fill(connection: Connection) -> None:
        for table, row in _DIRTY:
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)

    def texts(connection: Connection) -> list[Any]:
        people = connection.execute(text("SELECT external_id, name FROM people ORDER BY id")).all()
        papers = connection.execute(text("SELECT title, authors FROM papers")).all()
        return [*map(tuple, people), *((title, json.loads(authors)) for title, authors in papers)]

    await on(url, lambda connection: upgrade(connection, "0009"))
    await on(url, fill)
    await migrate(url)

    assert await on(url, texts) == [
        ("a", "Ann"),
        ("a\N{REPLACEMENT CHARACTER}", "Ann"),
        ("Title", ["Ann", "B", "\U0001f600"]),
    ]


async def test_what_people_brought_goes_to_their_teams(empty_database: str) -> None:
    await on(empty_database, lambda connection: upgrade(connection, "0009"))
    await on(empty_database, _fill_for_tenants)
    await migrate(empty_database)

    def read(connection: Connection) -> dict[str, Any]:
        def rows(wanted: str) -> list[Any]:
            return [tuple(row) for row in connection.execute(text(wanted))]

        return {
            "papers": rows("SELECT id, team_id, source, title FROM papers ORDER BY id"),
            "names": rows("SELECT paper_id, value, team_id FROM paper_identifiers ORDER BY paper_id"),
            "links": rows("SELECT paper_id, link_key, team_id FROM paper_links ORDER BY paper_id, link_key"),
            "votes": rows("SELECT paper_id, team_id FROM vote_observations ORDER BY paper_id, team_id"),
            "shown": rows("SELECT paper_id, team_id FROM shown_messages ORDER BY paper_id, team_id"),
            "talk": rows("SELECT paper_id, team_id FROM discussions ORDER BY paper_id, team_id"),
            "saved": rows("SELECT paper_id, team_id FROM saved ORDER BY paper_id, team_id"),
            "brought": rows("SELECT paper_id, team_id FROM submissions ORDER BY paper_id, team_id"),
            "urls": rows("SELECT id, CAST(links AS TEXT) FROM papers ORDER BY id"),
            "said": rows("SELECT paper_id, source FROM descriptions"),
        }

    after = await on(empty_database, read)
    copy = after["papers"][-1][0]
    assert after["papers"] == [
        (1, None, "arxiv", "Open"),
        (2, 1, "people", "Secret Two"),
        (3, 2, "people", "Secret Three"),
        (5, 1, "people", "Secret Five"),
        (6, None, "file", "Imported"),
        (7, None, "page", "Imported Page"),
        (copy, 2, "link", "doi:10.5/five"),
    ]
    assert after["names"] == [(1, "10.5/open", None), (5, "10.5/five", 1), (copy, "10.5/five", 2)]
    assert after["links"] == [(1, "arxiv.org/abs/1", None), (2, "secret.example/two?token=x", 1)]
    assert after["votes"] == [(1, 1), (1, 2), (2, 1), (5, 1), (copy, 2)]
    assert after["shown"] == [(2, 1), (3, 2), (5, 1), (copy, 2)]
    assert after["talk"] == [(2, 1), (5, 1), (copy, 2)]
    assert after["saved"] == [(2, 1), (5, 1), (copy, 2)]
    assert after["brought"] == [(1, 1), (2, 1), (5, 1), (copy, 2)]
    urls = {number: json.loads(links) for number, links in after["urls"]}
    assert (urls[1], urls[copy]) == (["https://arxiv.org/abs/1"], [])
    assert urls[2] == ["https://secret.example/two?token=x"]
    assert after["said"] == [(2, "people")]

    await on(empty_database, lambda connection: downgrade(connection, "0009"))
    titles = text("SELECT title FROM papers ORDER BY id")
    kept = await on(empty_database, lambda connection: list(connection.execute(titles).scalars()))
    assert kept == ["Open", "Imported", "Imported Page"], "nobody is shown what was a team's"


def _fill_for_tenants(connection: Connection) -> None:
    """What two teams had when all papers were everybody's."""
    for team, name in ((1, "lab"), (2, "rival")):
        _put_team(connection, team, name)
    for number, (source, title, links) in enumerate(_PAPERS_OF_ALL, start=1):
        _put_paper(connection, number, source, title, links)
    connection.exec_driver_sql("UPDATE counters SET value = 7 WHERE name = 'papers'")
    for paper, value in ((1, "10.5/open"), (5, "10.5/five")):
        _put(connection, "paper_identifiers", scheme="doi", value=value, paper_id=paper)
    for paper, source in ((1, "arxiv"), (1, "people"), (2, "people")):
        said = {"source": source, "digest": f"{paper} {source}", "seen_at": _MOMENT}
        _put(connection, "descriptions", paper_id=paper, **said)
    for minute, (team, paper, *tables) in enumerate(_DEEDS):
        _put_deeds(connection, team, paper, minute, tables)


def _put(connection: Connection, table: str, **row: Any) -> None:
    values = ", ".join("NULL" if value is None else f"'{value}'" for value in row.values())
    connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})")


def _put_team(connection: Connection, team: int, name: str) -> None:
    """A team with a workspace, a person and a channel, all of its own number."""
    context = {"team_id": team, "workspace_id": team}
    settings = {"timezone": "UTC", "post_at": "09:00:00", "layout": "threaded", "changers": "anyone"}
    _put(connection, "teams", name=name, created=_MOMENT)
    _put(connection, "workspaces", team_id=team, platform="console", external_id=name)
    _put(connection, "people", **context, external_id="ann", name="ann")
    _put(connection, "channels", **context, external_id="general", name="general", **settings)


def _put_paper(connection: Connection, number: int, source: str, title: str, links: list[str]) -> None:
    texts = {"title": title, "title_key": title, "text_hash": title, "abstract": "", "authors": "[]"}
    added = {"added": _MOMENT, "added_on": "2026-09-21", "upvotes": 0, "links": json.dumps(links)}
    _put(connection, "papers", sequence=number, source=source, **texts, **added)
    for place, link in enumerate(links):
        key = link.removeprefix("https://")
        _put(connection, "paper_links", paper_id=number, link_key=key, position=place)


def _put_deeds(connection: Connection, team: int, paper: int, minute: int, tables: list[str]) -> None:
    """What a team did with a paper: all that can be done, or what is named."""
    at, row = f"2026-09-21 08:{minute:02}:00+00:00", {"team_id": team, "paper_id": paper}
    context, message = {**row, "channel_id": team}, {"place": "general", "message": f"{team} {paper}"}
    vote = {"person_id": team, "value": 1, "source": "command", "observed_at": at}
    rows: dict[str, dict[str, Any]] = {
        "vote_observations": {**context, **vote},
        "shown_messages": {**context, **message, "shown": "card", "note": "", "shown_at": at},
        "discussions": {**context, **message, "opened_by": team, "opened_at": at},
        "saved": {**row, "person_id": team, "saved_at": at},
        "submissions": {**context, "person_id": team, "added_at": at},
    }
    for table in tables or rows:
        _put(connection, table, **rows[table])


_DEEDS = (
    (1, 1, "submissions", "vote_observations"),
    (2, 1, "vote_observations"),
    (1, 2),
    (2, 2, "vote_observations", "shown_messages", "saved", "discussions"),
    (2, 3, "shown_messages"),
    (1, 3, "vote_observations"),
    (1, 5),
    (2, 5),
)
"""Which team dealt with which paper, a minute each, and how."""
_PAPERS_OF_ALL = (
    ("arxiv", "Open", ["https://secret.example/open?token=y", "https://arxiv.org/abs/1"]),
    ("people", "Secret Two", ["https://secret.example/two?token=x"]),
    ("people", "Secret Three", []),
    ("link", "nobody.example", []),
    ("people", "Secret Five", []),
    ("file", "Imported", []),
    ("page", "Imported Page", []),
)


def test_the_latest_step_is_known_without_alembic():
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.LATEST
