"""What is kept outlives a move, a backup and its restore; and nothing is posted twice because of them."""

import asyncio
import io
import os
import re
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from app.backups import back_up, restore, restored
from app.cli import cli
from app.moving import move_database
from bot.domain.errors import UserError
from bot.domain.paper import PaperDraft
from storage.sql.migrations import pending
from storage.sql.repositories.queues import EPOCH
from tests.e2e.conftest import DRAFTS
from tests.e2e.slack_workspace import PAPERS, said
from tests.e2e.test_day import TUESDAYS
from tests.e2e.test_processes import free_port, health
from tests.servers.databases import postgres_server
from tests.servers.slack.faults import ACCEPTED_THEN_DROPPED
from tests.waiting import DEADLINE, until

WEDNESDAYS = PaperDraft(
    "Experts on a Diet",
    "We prune a mixture of experts. Serving a mixture of experts takes a third of the memory.",
    "test",
)
PAPERS_OF_ALL_DAYS = (*DRAFTS, TUESDAYS, WEDNESDAYS)
OPERATIONS = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
QUIET = Console(file=io.StringIO())


@pytest.fixture(scope="module")
def postgres():
    with postgres_server() as server:
        yield server


async def subscribe_and_wait_for_nine(workspace, drafts, clock) -> None:
    await workspace.parts.library.add(drafts)
    await workspace.says("subscribe mixture of experts at:09:00")
    clock.forward(hours=2)


def cards(slack) -> Counter[str]:
    """How often each paper has a card among what was posted of digests."""
    told = [said(message) for message in slack.messages(PAPERS) if message.metadata and message.thread_ts]
    return Counter(each.title for each in PAPERS_OF_ALL_DAYS for card in told if each.title in card)


def assert_each_once(slack, posts: int) -> None:
    tokens = slack.counted("token")
    assert (len(tokens), set(tokens.values())) == (posts, {1})
    assert set(cards(slack).values()) == {1}


async def test_the_bot_goes_on_in_the_database_that_it_was_moved_to(
    open_workspace, slack_settings, drafts, clock, postgres
):
    async with open_workspace() as workspace:
        slack = workspace.slack
        await subscribe_and_wait_for_nine(workspace, drafts, clock)
        slack.faults.next("chat.postMessage", ACCEPTED_THEN_DROPPED)
        await workspace.parts.worker.work_off()
        assert len(slack.counted("token")) == 1, "it stands there, and the bot does not know"
        card = await workspace.says("show #1")
        await workspace.reacts(card, "+1")

    async with postgres.empty_database() as url:
        await move_database(slack_settings, slack_settings.database, url, QUIET)
        async with open_workspace(url) as workspace:
            clock.forward(minutes=5)
            await workspace.parts.worker.work_off()
            assert_each_once(slack, 3)
            assert "👍 1" in said(await workspace.says("show #1"))
            await workspace.parts.library.add([TUESDAYS])
            clock.forward(days=1)
            await workspace.parts.worker.work_off()
            assert_each_once(slack, 5)


async def until_restored(open_workspace, settings, drafts, clock, backup) -> None:
    """Back up with a digest on its way; then send it, and the next day's."""
    async with open_workspace(settings.database_url) as workspace:
        await subscribe_and_wait_for_nine(workspace, drafts, clock)
        await workspace.parts.planner.plan_due()
        await backup()
        await workspace.parts.worker.work_off()
        assert_each_once(workspace.slack, 3)
        await workspace.parts.library.add([TUESDAYS])
        clock.forward(days=1, hours=1)
        await workspace.parts.worker.work_off()
        assert_each_once(workspace.slack, 5)


async def after_the_restore(open_workspace, settings, clock) -> None:
    """Nothing is posted twice, and what is new is posted."""
    async with open_workspace(settings.database_url) as workspace:
        await workspace.parts.library.add([TUESDAYS])
        for _ in range(2):
            await workspace.parts.worker.work_off()
            clock.forward(hours=1)
        assert_each_once(workspace.slack, 5)
        clock.forward(hours=13)
        await workspace.parts.library.add([WEDNESDAYS])
        clock.forward(hours=9)
        await workspace.parts.worker.work_off()
        assert_each_once(workspace.slack, 7)
        async with workspace.parts.store.reading() as tx:
            assert await tx.outbox.list_troubles(EPOCH) == []


async def test_a_restored_file_doubles_nothing(open_workspace, slack_settings, drafts, clock, tmp_path):
    backup = tmp_path / "backup.db"
    await until_restored(
        open_workspace, slack_settings, drafts, clock, lambda: back_up(slack_settings, backup)
    )
    told = await restore(slack_settings, backup, clock)
    assert told[0].startswith("3 posts to be looked for")
    assert told[1].startswith("1 digest left out")
    await after_the_restore(open_workspace, slack_settings, clock)


async def test_a_restore_replaces_a_database_that_cannot_be_read(settings, clock, tmp_path):
    backup, database = tmp_path / "backup.db", settings.database_file
    await back_up(settings, backup)
    database.write_bytes(b"no database")
    told = await restore(settings, backup, clock)
    kept = Path(told[-1].removeprefix("The database before is kept as "))
    assert kept.read_bytes() == b"no database"
    assert await pending(settings.database) == []


async def test_a_restore_that_fails_leaves_nothing_behind(settings, clock, tmp_path):
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(settings.database_file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of a later program'")
        connection.commit()
    await back_up(settings, backup)
    with pytest.raises(UserError):
        await restore(settings, backup, clock)
    assert [each.name for each in settings.data_dir.iterdir() if "restoring" in each.name] == []


def documented(heading: str) -> list[str]:
    """The commands that the page on operations tells to run."""
    part = OPERATIONS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "pg_" in line]


async def in_shell(command: str, programs: Path, url: str, folder: Path) -> None:
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PAPERCLUB_DATABASE_URL": url}
    ran = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.fixture
async def server_settings(slack_settings, postgres):
    async with postgres.empty_database() as url:
        yield slack_settings.model_copy(update={"database_url": url})


async def test_a_postgresql_that_was_restored_as_documented_doubles_nothing(
    open_workspace, server_settings, clock, postgres, tmp_path
):
    (dump,), (put_back,) = documented("Backup"), documented("Restore")
    if not (postgres.programs / "pg_dump").exists():
        pytest.skip("this PostgreSQL brings no pg_dump")
    around = postgres.programs, server_settings.database_url, tmp_path
    await until_restored(open_workspace, server_settings, DRAFTS, clock, lambda: in_shell(dump, *around))
    await in_shell(put_back, *around)
    told = await restored(server_settings, clock)
    assert told[0].startswith("3 posts to be looked for")
    await after_the_restore(open_workspace, server_settings, clock)


def told(*arguments: object, **settings: str) -> str:
    """What a command line says, in this process: its output, or what it fails of."""
    ran = CliRunner().invoke(cli, [*map(str, arguments)], env=settings)
    if ran.exit_code == 0:
        return ran.output
    assert isinstance(ran.exception, UserError), ran.output
    return str(ran.exception)


@pytest.mark.parametrize(("command", "renamed"), [("after-restore", False), ("restored", True)])
def test_a_plan_is_emptied_only_once_somebody_has_said_yes(tmp_path, command, renamed):
    settings = {"PAPERCLUB_DATA_DIR": str(tmp_path / "data")}
    papers = tmp_path / "papers.jsonl"
    papers.write_text('{"title": "Seeing Cracks in Bridges", "abstract": "Drones photograph bridges."}\n')
    told("import", papers, **settings)
    for answer, code in (("n\n", 1), ("", 1), ("y\n", 0)):
        ran = CliRunner().invoke(cli, [command], env=settings, input=answer)
        assert ran.exit_code == code
        assert "Is this database one that was just restored?" in ran.output
        assert ("posts to be looked for" in ran.output) == (code == 0)
        assert ("is called `paperclub after-restore` now" in ran.output) == renamed


def test_a_database_is_kept_from_the_command_line_while_the_bot_runs(
    process, tmp_path, postgres, monkeypatch
):
    monkeypatch.setenv("PAPERCLUB_DATA_DIR", str(tmp_path / "data"))
    file, papers = tmp_path / "kept.db", tmp_path / "papers.jsonl"
    papers.write_text('{"title": "Seeing Cracks in Bridges", "abstract": "Drones photograph bridges."}\n')
    port, database = free_port(), f"sqlite:///{tmp_path}/data/paperclub.db"
    told("import", papers)
    running = process("run", PAPERCLUB_PORT=str(port), PAPERCLUB_INGEST_MINUTES="0")
    until(lambda: health(port) == 200)
    assert "checked" in told("backup", file)
    for refused in (
        ("restore", file),
        ("after-restore", "--yes"),
        ("move-database", database, f"{database}.new"),
    ):
        assert "Stop every process of it first" in told(*refused)
    running.terminate()
    running.communicate(timeout=DEADLINE)

    assert "The database before is kept as" in told("restore", file)
    target = postgres.url("postgres")
    assert re.search(r"papers +1 +all the same", told("move-database", database, target))
    assert "is not empty" in told("move-database", database, target)
    assert "Seeing Cracks in Bridges" in told("export", PAPERCLUB_DATABASE_URL=target)
    assert "PostgreSQL brings pg_dump" in told("backup", file, PAPERCLUB_DATABASE_URL=target)


def done(command: subprocess.Popen[str], code: int = 0) -> str:
    """Wait for a command, and give what it wrote."""
    output, _ = command.communicate(timeout=DEADLINE)
    assert command.returncode == code, output
    assert "Traceback" not in output
    return output


async def test_programs_that_start_together_migrate_one_after_the_other(process, postgres, tmp_path):
    async with postgres.empty_database() as server:
        await asyncio.to_thread(migrate_at_once, process, server)
    await asyncio.to_thread(migrate_at_once, process, f"sqlite:///{tmp_path}/new.db")


def migrate_at_once(process, url: str) -> None:
    started = [process("migrate", PAPERCLUB_DATABASE_URL=url) for _ in range(3)]
    assert all("up to date" in done(each) for each in started)
