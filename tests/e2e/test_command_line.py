"""`paperclub` as a person runs it: commands, exit codes, scripts, and processes that are killed."""

import contextlib
import json
import re
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner
from waiting import DEADLINE, until

from app import wiring
from app.cli import cli
from bot.domain.errors import UserError
from tests.e2e.conftest import Remembering

SEED = Path(__file__).parents[3] / "shared/seed/hf-papers-page.txt"


@pytest.fixture(scope="session")
def sampled(tmp_path_factory):
    """A data folder in which the samples are."""
    folder = tmp_path_factory.mktemp("sampled")
    script = folder / "script.txt"
    script.write_text("search mixture of experts inference\n# expect: #14 DeepSpeed-MoE\n", encoding="utf-8")
    environment = {"PAPERCLUB_DATA_DIR": str(folder / "data"), "PAPERCLUB_DATABASE_URL": ""}
    result = CliRunner().invoke(cli, ["chat", "--script", str(script)], env=environment)
    assert result.exit_code == 0, result.output
    assert "116 sample papers are in." in result.output
    return folder / "data"


@pytest.fixture
def with_samples(sampled, tmp_path):
    shutil.copytree(sampled, tmp_path / "data")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command line in this process, over a data folder of the test's own."""
    monkeypatch.setenv("PAPERCLUB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("PAPERCLUB_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(wiring, "MiniLM", Remembering)

    def invoke(*arguments: object):
        return CliRunner().invoke(cli, [str(each) for each in arguments])

    return invoke


@pytest.fixture
def script(tmp_path):
    def written(text: str) -> Path:
        path = tmp_path / "script.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def papers_file(tmp_path):
    path = tmp_path / "papers.jsonl"
    rows = [
        {"title": "Pruning Experts", "abstract": "A mixture of experts is pruned. It stays as good."},
        {"title": "", "abstract": "No title."},
        {"title": "Tiny Vision Models", "abstract": "Vision models shrink. They run on phones."},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n", encoding="utf-8")
    return path


def test_help_is_complete(run):
    overview = run("--help")
    assert overview.exit_code == 0
    for name in ("chat", "run", "import", "fetch", "digest", "migrate", "export", "doctor"):
        assert name in overview.output
        assert run(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    "arguments", [("chat", "--svg", "x.svg"), ("fetch", "--date", "someday"), ("import",), ("nonsense",)]
)
def test_a_wrong_call_exits_with_2(run, arguments):
    assert run(*arguments).exit_code == 2


def test_an_import_lists_bad_lines_takes_the_rest_and_is_never_twice(run, papers_file, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    first = run("import", papers_file)
    assert first.exit_code == 3
    assert "2 new" in first.output
    assert 'line 2: It has no title. ({"title": "", "abstract": "No title."})\n' in first.output
    assert "line 4: The line is not a JSON object. ({broken)\n" in first.output
    assert "0 new, 0 updated, 2 known already" in run("import", papers_file).output


def test_an_import_that_takes_nothing_says_so(run, tmp_path):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"title": "Alone"}\n', encoding="utf-8")
    result = run("import", file)
    assert result.exit_code == 1
    assert "bad.jsonl: no paper taken, 1 bad line\n" in result.output


def test_a_file_that_is_not_there_is_told_in_a_sentence(run, tmp_path):
    result = run("import", tmp_path / "nothing.jsonl")
    assert isinstance(result.exception, UserError)
    assert "nothing.jsonl" in str(result.exception)


@pytest.mark.usefixtures("with_samples")
def test_a_second_chat_finds_everything(run, script, monkeypatch, tmp_path):
    first = run(
        "chat",
        "--script",
        script(
            "subscribe mixture of experts tz:UTC\n# expect: Next post\n"
            "/post\n# expect: posted now\n"
            "/post\n# expect: nothing to post\n"
            "/as bob\nvote #14\n# expect: 👍 1\n"
            "/as ada\nvote #14 down\n# expect: 👎 1\nvote #14 up\n# expect: 👍 2 👎 0\n"
            "save #14\n"
        ),
    )
    assert first.exit_code == 0, first.output
    second = run(
        "chat",
        "--script",
        script(
            "/as ada\ntop\n# expect: #14\nsaved\n# expect: #14\nhistory\n# expect: voted\n"
            "subscriptions\n# expect: mixture of experts\n/post\n# expect: nothing to post\n"
            ":-1: 4\n# expect: 👎\n"
        ),
    )
    assert second.exit_code == 0, second.output
    assert "sample papers" not in second.output
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", f"sqlite:///{tmp_path}/data/chat.db")
    again = run("digest", "--now")
    assert "nothing to post" in again.output
    assert "#general at 09:00 UTC" in run("digest").output


@pytest.mark.usefixtures("with_samples")
def test_a_script_that_fails_says_where(run, script):
    result = run("chat", "--script", script("help\nsearch moe\n# expect: no such words\nnonsense\n"))
    assert result.exit_code == 1
    assert "script.txt:3:" in result.output
    assert "script.txt:4:" in result.output


@pytest.mark.usefixtures("with_samples")
def test_the_seed_page_replaces_the_samples(run, script):
    if not SEED.exists():
        pytest.skip("the page that the samples come from is not beside the project")
    result = run("chat", "--script", script(f"/import {SEED}\n# expect: 116 papers: 0 new, 116 updated\n"))
    assert result.exit_code == 0, result.output
    assert "116 new, 0 updated, 0 known already" in run("import", SEED).output, "a database of its own"


CHATS_OWN = "This is for trying out, in a file of its own"


@pytest.mark.usefixtures("with_samples")
def test_what_is_tried_out_and_what_a_team_uses_are_apart(run, script, papers_file, tmp_path):
    run("import", papers_file)
    tried = run("chat", "--script", script("search deepspeed\n# expect: DeepSpeed-MoE\nvote #14\n"))
    assert tried.exit_code == 0, tried.output
    assert CHATS_OWN in tried.output
    assert str(tmp_path / "data/chat.db") in tried.output
    lines = (
        "show pruning experts\n# expect: Pruning Experts\nshow #14\n# expect error\ntop\n# expect: No votes\n"
    )
    used = run("chat", "--production", "--script", script(lines))
    assert used.exit_code == 0, used.output
    assert "This is the bot's own database" in used.output
    assert str(tmp_path / "data/paperclub.db") in used.output
    assert "sample papers are in" not in used.output
    assert "Pruning Experts" not in run("chat", "--script", script("search pruning experts\n")).output
    records = {file.name for file in (tmp_path / "data").glob("*.console.jsonl")}
    assert records == {"chat.console.jsonl", "paperclub.console.jsonl"}
    told = " ".join(run("doctor", "--quick").output.split())
    assert "in a file of its own" in told
    assert "2 papers" in told


def test_where_a_database_is_set_chat_talks_to_it_and_takes_no_samples_in(
    run, script, papers_file, monkeypatch, tmp_path
):
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", f"sqlite:///{tmp_path}/data/team.db")
    empty = run("chat", "--script", script("search deepspeed\n"))
    assert "There are no papers yet" in empty.output
    assert "DeepSpeed" not in empty.output
    run("import", papers_file)
    found = run("chat", "--script", script("show pruning experts\n# expect: Pruning Experts\n"))
    assert found.exit_code == 0, found.output
    assert not (tmp_path / "data/chat.db").exists()


def as_before(folder: Path) -> None:
    """Give the console and all else one file, as they once had."""
    for file in folder.glob("chat.*"):
        file.rename(file.with_name(file.name.replace("chat.", "paperclub.")))


@pytest.mark.usefixtures("with_samples")
def test_what_was_tried_out_before_chat_had_a_file_of_its_own_is_still_there(run, script, tmp_path):
    before = run("chat", "--script", script("show #14\nvote #14\n"))
    assert before.exit_code == 0, before.output
    as_before(tmp_path / "data")
    first = run("chat", "--script", script(":+1: 2\n/as bob\nvote #14\n# expect: 👍 2\n"))
    assert first.exit_code == 0, first.output
    assert "What you tried out before is here too" in first.output
    assert "sample papers are in" not in first.output
    again = run("chat", "--script", script("vote #14\n# expect: 👍 2\n"))
    assert again.exit_code == 0, again.output
    assert "What you tried out" not in again.output
    used = run("chat", "--production", "--script", script("search deepspeed\ntop\n# expect: No votes\n"))
    assert used.exit_code == 0, used.output
    assert "DeepSpeed" not in used.output
    assert rows_in(tmp_path / "data/paperclub.db", "vote_observations") == 1, "they are kept"


@pytest.mark.usefixtures("with_samples")
def test_chat_copies_nothing_of_a_database_that_a_team_uses(run, script, papers_file, tmp_path):
    as_before(tmp_path / "data")
    run("import", papers_file)
    chat = run("chat", "--script", script("show pruning experts\n# expect error\n"))
    assert chat.exit_code == 0, chat.output
    assert "116 sample papers are in." in chat.output
    assert "What you tried out" not in chat.output
    assert "2 papers" in run("doctor", "--quick").output


def test_samples_in_an_export_of_before_are_left_out(run, tmp_path):
    row = {
        "kind": "papers",
        "id": 1,
        "title": "Cups",
        "title_key": "cups",
        "source": "sample",
        "abstract": "A.",
    }
    other = row | {"id": 2, "title": "Plates", "title_key": "plates", "source": "arxiv"}
    file = tmp_path / "all.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in (row, other)), encoding="utf-8")
    taken = run("import", file)
    assert taken.exit_code == 0, taken.output
    assert "1 paper: 1 new" in taken.output
    assert "1 sample left out of all.jsonl" in taken.output


@pytest.mark.usefixtures("with_samples")
def test_a_picture_asks_no_other_host_for_anything(run, script, tmp_path):
    picture = tmp_path / "session.svg"
    assert run("chat", "--script", script("help search\n"), "--svg", picture).exit_code == 0
    drawn = picture.read_text(encoding="utf-8")
    assert "search" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_migrating_again_does_nothing_and_doctor_is_content(run):
    assert "done" in run("migrate").output
    assert "done" not in run("migrate").output
    checked = run("doctor", "--quick")
    assert checked.exit_code == 0
    assert "up to date" in checked.output


def test_doctor_says_how_many_papers_are_still_to_be_encoded(run, papers_file, tmp_path):
    run("import", papers_file)
    assert "every paper is encoded" in run("doctor", "--quick").output
    with contextlib.closing(sqlite3.connect(tmp_path / "data/paperclub.db")) as database, database:
        database.execute("UPDATE vectors SET model = 'another/1'")
    checked = run("doctor", "--quick")
    assert "2 papers still to be encoded" in checked.output
    assert "`paperclub run` does that in the background." in checked.output


def test_what_is_kept_is_for_its_user_alone(run, tmp_path):
    run("migrate")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_doctor_tells_a_bad_database_without_its_password(run, monkeypatch):
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", "postgresql://ada:hunter2@127.0.0.1:1/paperclub")
    checked = run("doctor", "--quick")
    assert checked.exit_code == 1
    assert "PAPERCLUB_DATABASE_URL" in checked.output
    assert "hunter2" not in checked.output


@pytest.mark.parametrize(
    "address",
    [
        "mysql://ada:hunter2@db/x",
        "ada:hunter2@db",
        "sqlite://",
        "postgresql://ada:hunter2@127.0.0.1:1/paperclub",
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(run, monkeypatch, address):
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", address)
    result = run("migrate")
    assert isinstance(result.exception, UserError)
    assert "hunter2" not in str(result.exception)


def test_a_file_that_is_no_database_is_told_and_left_alone(run, monkeypatch, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("Not a database, but notes that somebody still needs.\n" * 9, encoding="utf-8")
    before = file.read_bytes()
    monkeypatch.setenv("PAPERCLUB_DATABASE_URL", f"sqlite:///{file}")
    assert "PAPERCLUB_DATABASE_URL" in str(run("migrate").exception)
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_told(run, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PAPERCLUB_DATA_DIR", str(tmp_path / "file/data"))
    assert "PAPERCLUB_DATA_DIR" in str(run("digest").exception)


def test_a_redis_address_that_is_none_is_told(run, monkeypatch):
    monkeypatch.setenv("PAPERCLUB_REDIS_URL", "hunter2")
    told = str(run("digest").exception)
    assert "PAPERCLUB_REDIS_URL: it takes" in told
    assert "hunter2" not in told


def test_an_export_is_everything_as_json_lines(run, papers_file, tmp_path):
    run("import", papers_file)
    file = tmp_path / "all.jsonl"
    assert run("export", file).exit_code == 0
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {row["title"] for row in rows if row["kind"] == "papers"} == {
        "Pruning Experts",
        "Tiny Vision Models",
    }


def test_an_export_replaces_no_file_unasked(run, papers_file, tmp_path):
    run("import", papers_file)
    file = tmp_path / "all.jsonl"
    file.write_text("notes that somebody needs\n", encoding="utf-8")
    refused = run("export", file)
    assert isinstance(refused.exception, UserError)
    assert "--force" in str(refused.exception)
    assert file.read_text(encoding="utf-8") == "notes that somebody needs\n"
    assert run("export", "--force", file).exit_code == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) > 1


def test_an_export_is_imported_again(run, papers_file, tmp_path, monkeypatch):
    run("import", papers_file)
    file = tmp_path / "all.jsonl"
    run("export", file)
    assert "2 papers: 0 new, 0 updated, 2 known already" in run("import", file).output
    monkeypatch.setenv("PAPERCLUB_DATA_DIR", str(tmp_path / "other"))
    assert "2 papers: 2 new, 0 updated, 0 known already" in run("import", file).output


BIBLIOGRAPHY = """
@article{a, title={Kettles}, author={Ada Example and Ben Other and Cy Third}, doi={10.1145/1.2}, year={2020}}
@article{b, title={Cups of tea}, author={Di Fourth}, doi={10.1145/1.3}, year={2020}}
"""
POORER = """
@article{a, title={Kettles}, author={Ada Example and others}, doi={10.1145/1.2}, year={2020}, month={3},
  abstract={They whistle.}}
@article{b, title={Pots and pans}, author={Em Fifth}, doi={10.1145/1.3}, year={2020}}
"""


def test_an_import_says_which_papers_it_changed_in_what_and_what_contradicts(run, tmp_path):
    one, two = tmp_path / "one.bib", tmp_path / "two.bib"
    one.write_text(BIBLIOGRAPHY, encoding="utf-8")
    two.write_text(POORER, encoding="utf-8")
    assert "2 papers: 2 new" in run("import", one).output
    changed = run("import", two)
    assert changed.exit_code == 0
    assert "#1 “Kettles”: abstract, date\n" in changed.output
    contradiction = (
        "“Pots and pans” says doi:10.1145/1.3, which is “Cups of tea” (#2) here; both are kept, "
        "this one as #3 without it. If they are one paper: paperclub papers merge 2 3\n"
    )
    assert contradiction in changed.output
    assert "two.bib: 2 papers: 1 new, 1 updated, 0 known already, 1 contradiction\n" in changed.output
    again = run("import", one, two)
    assert "one.bib: 2 papers: 0 new, 0 updated, 2 known already\n" in again.output
    assert "two.bib: 2 papers: 0 new, 0 updated, 2 known already, 1 contradiction\n" in again.output
    assert contradiction in again.output
    rows = [json.loads(line) for line in run("export").stdout.splitlines()]
    authors = {row["title"]: row["authors"] for row in rows if row["kind"] == "papers"}
    assert authors["Kettles"] == ["Ada Example", "Ben Other", "Cy Third"]


def test_an_import_that_changes_many_papers_tells_of_twenty_or_of_all(run, tmp_path):
    file = tmp_path / "many.bib"
    for abstract, options in (("", ()), ("Loud.", ()), ("Loud. Louder.", ("--verbose",))):
        entries = (
            f"@misc{{k{number}, title={{Kettle {number}}}, abstract={{{abstract}}}}}\n"
            for number in range(23)
        )
        file.write_text("".join(entries), encoding="utf-8")
        told = run("import", *options, file).output
        assert told.count(": abstract\n") == (23 if options else 20 if abstract else 0)
        assert ("and 3 more updated papers\n" in told) is (abstract == "Loud.")


def test_the_console_says_as_much_as_the_command(run, tmp_path, script):
    one, two = tmp_path / "one.bib", tmp_path / "two.bib"
    one.write_text(BIBLIOGRAPHY, encoding="utf-8")
    two.write_text(POORER, encoding="utf-8")
    run("import", one)
    result = run("chat", "--production", "--script", script(f"/import {two}\n# expect: 1 contradiction\n"))
    assert result.exit_code == 0, result.output
    assert "“Kettles”: abstract, date" in result.output
    assert "paperclub papers merge" in result.output


def test_rows_of_an_export_that_are_no_papers_are_counted(run, papers_file, tmp_path, script):
    run("import", papers_file)
    run("chat", "--production", "--script", script("search kettles\n"))
    file = tmp_path / "all.jsonl"
    run("export", file)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    papers = ("papers", "paper_identifiers", "paper_categories", "paper_links")
    others = [row["kind"] for row in rows if row["kind"] not in papers]
    assert {"channels", "people", "teams"} <= set(others)
    told = run("import", file).output
    assert f", {len(others)} rows of other kinds passed over\n" in told
    assert "Passed over, as they are no papers: " in told
    assert f"channels ({others.count('channels')})" in told


def test_several_files_and_the_standard_input_are_imported(run, papers_file, tmp_path):
    more = tmp_path / "more.bib"
    more.write_text("@misc{a, title={Kettles}}\n", encoding="utf-8")
    result = run("import", more, tmp_path / "nothing.bib", papers_file)
    assert result.exit_code == 3
    assert "more.bib: 1 paper: 1 new" in result.output
    assert "There is no file nothing.bib." in result.output
    assert "papers.jsonl: 2 papers: 2 new" in result.output
    piped = CliRunner().invoke(cli, ["import", "-"], input="@misc{b, title={Cups}}\n")
    assert piped.exit_code == 0, piped.output
    assert "standard input: 1 paper: 1 new" in piped.output


def test_files_of_which_nothing_is_taken_are_not_done(run, tmp_path):
    assert run("import", tmp_path / "one.bib", tmp_path / "two.bib").exit_code == 1


def rows_in(database: Path, table: str) -> int:
    """How many rows another process has committed to a file so far."""
    if not database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def test_an_import_that_is_killed_is_completed_by_the_next(process, tmp_path):
    many = tmp_path / "many.jsonl"
    rows = (
        {"title": f"Paper {number}", "abstract": f"This is number {number}. It says little."}
        for number in range(300)
    )
    many.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    database = tmp_path / "data/paperclub.db"
    graph = {"PAPERCLUB_ENCODE_PAPERS": "graph"}  # PyTorch takes seconds to load, each time
    first = process("import", many, **graph)
    until(lambda: rows_in(database, "papers") >= 32)
    first.send_signal(signal.SIGKILL)
    first.wait(DEADLINE)
    assert rows_in(database, "vectors") < 300
    second = process("import", many, **graph)
    output, _ = second.communicate(timeout=DEADLINE)
    assert second.returncode == 0, output
    known = int(re.search(r"(\d+) known already", output)[1])
    new = int(re.search(r"(\d+) new", output)[1])
    assert known > 0
    assert known + new == 300
    assert rows_in(database, "vectors") == 300


def test_the_manifest_is_printed_for_either_way(run):
    for given, socket_mode in (((), True), (("--url", "https://papers.example.org"), False)):
        result = run("manifest", *given)
        assert result.exit_code == 0
        assert yaml.safe_load(result.stdout)["settings"]["socket_mode_enabled"] is socket_mode


@pytest.mark.parametrize("url", ["papers.example.org", "http://papers.example.org", "https://a.org/?b=1"])
def test_slack_calls_no_other_address(run, url):
    result = run("manifest", "--url", url)
    assert result.exit_code == 2
    assert "--url" in result.output


PAPERS_IN_FILES = {
    "01-bibtex-sici-single-colon.bib": 3,
    "02-bibtex-venue-link.bib": 3,
    "04-bibtex-note-other-paper.bib": 2,
    "17-bibtex-merging-url-proc.bib": 3,
    "26-bibtex-same-generic-title.bib": 4,
}


def test_different_papers_of_a_bibliography_stay_different(run):
    files = [Path(__file__).parents[1] / "cases" / name for name in PAPERS_IN_FILES]
    first, again = run("import", *files), run("import", *files)
    assert (first.exit_code, again.exit_code) == (0, 0)
    for name, papers in PAPERS_IN_FILES.items():
        assert f"{name}: {papers} papers: {papers} new, 0 updated, 0 known already" in first.output
        assert f"{name}: {papers} papers: 0 new, 0 updated, {papers} known already" in again.output
