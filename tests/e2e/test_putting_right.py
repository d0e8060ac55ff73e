"""`paperclub papers`: what was merged wrongly is put right from the command line."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli import cli
from bot.domain.errors import UserError
from bot.domain.paper import PaperDraft
from storage.sql.engine import for_writing, make_engine
from storage.sql.migrations.history import upgrade
from storage.sql.store import SqlStore
from tests.storage.making import NOW, arrive, plan, put_paper

KETTLES = "@article{a, title={Kettles at Sea}, author={Ada Lovelace}, year={2019}, doi={10.5555/k}%s}\n"
CUPS = (
    "@article{b, title={A Survey of Cups}, author={Grace Hopper and Ada Lovelace}, year={2021}, "
    "doi={10.5555/k}%s}\n"
)
ABSTRACT = ", abstract={Cups are surveyed. They are round.}"


@pytest.fixture
def run(tmp_path, monkeypatch, database):
    """Run a command line in this process, over a database of the test's own that `chat` is to use as well."""
    monkeypatch.setenv("PAPERCLUB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", database)
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments: object, answer: str = ""):
        return CliRunner().invoke(cli, [str(each) for each in arguments], input=answer)

    return invoke


@pytest.fixture
def database(tmp_path, migrated_file):
    (tmp_path / "data").mkdir()
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'data')}"


@pytest.fixture
def filled(database):
    """Two open papers, one of each of two teams, and a digest that is planned."""

    async def fill() -> None:
        store = SqlStore(database)
        try:
            for title in ("Kettles", "Cups"):
                async with store.writing() as tx:
                    await put_paper(tx, PaperDraft(title, "About it.", "file"), NOW)
            for workspace in ("lab", "rival"):
                async with store.writing() as tx:
                    context = await arrive(tx, workspace=workspace)
                    await put_paper(tx, PaperDraft("Own", "", "people"), NOW, context.team_id)
                    await plan(tx, context, 2)
        finally:
            await store.close()

    asyncio.run(fill())


def chatted(run, tmp_path, lines: str):
    script = tmp_path / "script.txt"
    script.write_text(lines, encoding="utf-8")
    result = run("chat", "--script", script)
    assert result.exit_code == 0, result.output


def test_two_records_that_became_one_paper_are_parted_and_joined_again(run, tmp_path):
    file = tmp_path / "both.bib"
    file.write_text(KETTLES % "" + CUPS % "", encoding="utf-8")
    assert "2 papers: 1 new, 1 updated" in run("import", file).output
    chatted(run, tmp_path, "vote #1\n# expect: 👍 1\n")
    shown = run("papers", "show", "10.5555/k").output
    assert "1 vote, " in shown
    for line in ("1  file", "Kettles at Sea", "2  file", "A Survey of Cups", "Grace Hopper"):
        assert line in shown

    split = ("papers", "split", "#1", "--take", "2")
    for answer in ("n\n", ""):
        asked = run(*split, answer=answer)
        assert asked.exit_code == 1
        assert "Make two papers of #1?" in asked.output
        assert "doi:10.5555/k is told on both sides, and stays with #1" in asked.output
        assert "All of it stays with #1" in asked.output
    assert run("papers", "show", 2).exception
    parted = run(*split, answer="y\n")
    assert parted.exit_code == 0, parted.output
    assert "#1 is “Kettles at Sea”, and #2 is “A Survey of Cups”." in parted.output

    assert "2 papers: 0 new, 0 updated, 2 known already" in run("import", file).output
    file.write_text(CUPS % ABSTRACT + KETTLES % "", encoding="utf-8")
    assert "2 papers: 0 new, 1 updated, 1 known already" in run("import", file).output
    assert "Kept apart from #1." in run("papers", "show", 2).output
    chatted(
        run,
        tmp_path,
        "show #2\n# expect: They are round\n"
        "/as bob\nvote #2\n# expect: 👍 1\n/as cem\nvote #1\n# expect: 👍 2\n",
    )
    assert "#2 is #1 now." in run("papers", "merge", 1, 2, "--yes").output
    chatted(run, tmp_path, "/as dan\nvote #2\n# expect: 👍 4\n")


def test_the_operators_word_outlasts_the_next_import(run, tmp_path):
    file = tmp_path / "cups.bib"
    file.write_text(CUPS % "", encoding="utf-8")
    run("import", file)
    said = ("--title", "Cups, Surveyed", "--author", "Hopper, G.", "--author", "Lovelace, A.", "--year", 2020)
    names = ("--add-identifier", "10.5555/cups", "--drop-identifier", "10.5555/k")
    edited = run("papers", "edit", 1, *said, *names)
    assert edited.exit_code == 0, edited.output
    assert "title: A Survey of Cups → Cups, Surveyed" in edited.output
    assert "identifiers: doi:10.5555/k → doi:10.5555/cups" in edited.output
    file.write_text(CUPS % ABSTRACT, encoding="utf-8")
    assert "0 new, 1 updated" in run("import", file).output
    shown = run("papers", "show", 1).output
    assert "#1 Cups, Surveyed (Hopper, G. and others, 2020)\ndoi:10.5555/cups; open to all\n" in shown
    assert "operator" in shown


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("show", 99), "There is no paper #99."),
        (("show", "kettles"), "neither the number of a paper nor one identifier"),
        (("show", "10.5555/none"), "No open paper has doi:10.5555/none."),
        (("split", 1, "--take", 1, "--yes"), "Nothing would be left"),
        (("split", 1, "--take", 7, "--yes"), "There is no description 7."),
        (("merge", 1, 1, "--yes"), "Both are #1 already."),
        (("merge", 3, 4, "--yes"), "two teams' own papers"),
        (("merge", 1, 4, "--yes"), "#4 is a team's own paper, and #1 is open to all."),
        (("edit", 1), "Say what to change"),
        (("edit", 1, "--title", "…"), "at least a letter or a digit"),
        (("edit", 1, "--drop-identifier", "10.5555/none"), "#1 has no doi:10.5555/none. It has: none."),
        (("edit", 1, "--add-identifier", "10"), "nor one identifier"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(run, arguments, why):
    result = run("papers", *arguments)
    assert isinstance(result.exception, UserError), result.output
    assert why in str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ("split", 1),
        ("split", 1, "--take", "one"),
        ("edit", 1, "--year", "soon"),
        ("edit", 1, "--year", 2020, "--published", "2020-01-02"),
        ("edit", 1, "--published", "2020"),
        ("merge", 1),
    ],
)
def test_a_wrong_call_exits_with_2(run, arguments):
    assert run("papers", *arguments).exit_code == 2


@pytest.mark.usefixtures("filled")
def test_a_name_that_is_another_papers_is_not_given_away(run):
    assert run("papers", "edit", 1, "--add-identifier", "10.5555/k").exit_code == 0
    taken = run("papers", "edit", 2, "--add-identifier", "10.5555/k").exception
    assert "doi:10.5555/k is the name of #1." in str(taken)


@pytest.mark.usefixtures("filled")
def test_a_paper_is_removed_with_what_was_planned(run):
    asked = run("papers", "remove", 2, answer="n\n")
    assert asked.exit_code == 1
    assert "2 posts planned" in asked.output
    removed = run("papers", "remove", 2, answer="y\n")
    assert removed.exit_code == 0, removed.output
    assert "#2 is removed. If a source tells of it again, it comes in as a new paper." in removed.output
    assert "There is no paper #2." in str(run("papers", "show", 2).exception)
    exported = run("export").output
    assert "Cups" not in exported
    assert '"kind": "posts"' not in exported, "the digests held nothing else"


def test_what_was_merged_before_texts_were_kept_says_what_can_be_done(run, database):
    columns = "id, sequence, source, upvotes, added, added_on, title_key, text_hash"
    columns += ", title, authors, links, abstract"
    moment = "2026-09-21 08:00:00"
    values = f"1, 1, 'file', 0, '{moment}', '2026-09-21', 'a', 'a', 'A', '[]', '[]', ''"

    async def old() -> None:
        Path(database.removeprefix("sqlite:///")).unlink()
        engine = make_engine(database)
        async with for_writing(engine).begin() as connection:
            await connection.run_sync(upgrade, "0014")
            await connection.execute(text(f"INSERT INTO papers ({columns}) VALUES ({values})"))
            await connection.execute(text(f"INSERT INTO descriptions VALUES (1, 'file', 'd', '{moment}')"))
        await engine.dispose()

    asyncio.run(old())
    assert "(its text was not kept)" in run("papers", "show", 1).output
    refused = str(run("papers", "split", 1, "--take", 1, "--yes").exception)
    assert "Take it in again, with `import`, `fetch` or `ingest`" in refused
    assert "`paperclub papers edit`" in refused
