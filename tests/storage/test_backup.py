import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.errors import UserError
from bot.domain.post import PostState
from bot.posting.restore import NUMBERS_SKIPPED, after_restore
from storage.sql.backup import back_up, put_in_place, unpack
from storage.sql.database_in_use import is_in_use
from storage.sql.store import SqlStore
from tests.storage.making import (
    NINE,
    NOW,
    TODAY,
    arrive,
    claim,
    draft,
    later,
    papers,
    plan,
    put_paper,
    subscribe,
)
from tests.waiting import DEADLINE


class AtNoon:
    def now(self):
        return later(hours=4)


@pytest.fixture
def file(migrated_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path))


async def add(file: Path, *titles: str) -> None:
    store = SqlStore(f"sqlite:///{file}")
    async with store.writing() as tx:
        await papers(tx, *titles)
    await store.close()


def titles(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM papers ORDER BY id")]


async def test_a_backup_is_of_one_moment_while_others_write(file: Path, tmp_path: Path) -> None:
    store, stop = SqlStore(f"sqlite:///{file}"), threading.Event()
    written = asyncio.Event()

    async def write() -> None:
        count = 0
        while not stop.is_set():
            async with store.writing() as tx:
                await papers(tx, f"First of pair {count}", f"Second of pair {count}")
            count += 1
            written.set()

    writing = asyncio.create_task(write())
    backups = [tmp_path / f"{number}.db" for number in range(3)]
    for backup in backups:
        written.clear()
        async with asyncio.timeout(DEADLINE):
            await written.wait()
        await back_up(file, backup)
    stop.set()
    await writing
    await store.close()
    for backup in backups:
        found = titles(backup)
        assert found
        assert len(found) % 2 == 0, "each transaction is there whole, or not at all"
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        assert sorted(each.name for each in tmp_path.glob(f"{backup.name}*")) == [backup.name]


async def test_a_backup_replaces_nothing(file: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("mine")
    with pytest.raises(UserError, match="is there already"):
        await back_up(file, there)
    assert there.read_text() == "mine"
    with pytest.raises(UserError, match="no file"):
        await back_up(tmp_path / "none.db", tmp_path / "new.db")
    with pytest.raises(UserError, match="cannot be written"):
        await back_up(file, tmp_path / "no/such/folder.db")


async def test_what_is_put_back_is_what_was_backed_up_and_what_was_there_is_kept(
    file: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    await add(file, "One")
    await back_up(file, backup)
    await add(file, "Two")
    part = await unpack(backup, file)
    assert titles(file) == ["One", "Two"], "until it is put in place, nothing has changed"
    before = await put_in_place(part, file, NOW)
    assert titles(file) == ["One"]
    assert before is not None
    assert titles(before) == ["One", "Two"]
    assert titles(backup) == ["One"]
    assert not part.exists()
    assert await put_in_place(await unpack(backup, tmp_path / "new.db"), tmp_path / "new.db", NOW) is None
    assert titles(tmp_path / "new.db") == ["One"]


GARBAGE = b"no database" * 1000
DAMAGED_FROM = [0, 100]
"""Where the file's own header is lost, and where what follows it is."""


def overwrite(file: Path, start: int) -> None:
    with file.open("rb+") as opened:
        opened.seek(start)
        opened.write(GARBAGE)


@pytest.mark.parametrize("start", DAMAGED_FROM)
async def test_a_damaged_database_is_replaced_and_kept_with_what_was_beside_it(
    file: Path, tmp_path: Path, start: int
) -> None:
    backup, killed = tmp_path / "backup.db", tmp_path / "killed"
    await add(file, "One")
    await back_up(file, backup)
    killed.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE papers SET title = 'Two'")
        connection.commit()
        for each in tmp_path.glob(f"{file.name}*"):
            shutil.copy(each, killed)
    database = killed / file.name
    overwrite(database, start)

    assert not await is_in_use(f"sqlite:///{database}")
    before = await put_in_place(await unpack(backup, database), database, NOW)
    assert before is not None
    assert GARBAGE[-99:] in before.read_bytes()
    assert all(each == database or each.name.startswith(before.name) for each in killed.iterdir())
    assert titles(database) == ["One"]


async def test_a_lost_database_leaves_nothing_beside_it_that_the_next_would_take_for_its_own(
    file: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    await add(file, "One")
    await back_up(file, backup)
    part = await unpack(backup, file)
    file.unlink()
    Path(f"{file}-wal").write_bytes(b"of the lost one")
    assert await put_in_place(part, file, NOW) is None
    assert not Path(f"{file}-wal").exists()


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM papers").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("start", DAMAGED_FROM)
async def test_a_damaged_database_that_another_process_has_open_is_in_use(file: Path, start: int) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    holding = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD, str(file), **pipes)
    assert holding.stdout is not None
    assert await holding.stdout.readline() == b"open\n"
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink()
    overwrite(file, start)
    assert await is_in_use(f"sqlite:///{file}")
    await holding.communicate(b"")
    assert not await is_in_use(f"sqlite:///{file}")


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(5000)])
async def test_what_is_no_backup_is_not_put_back(file: Path, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "other"
    other.write_bytes(content)
    with pytest.raises(UserError, match="is not a database of Paperclub's"):
        await unpack(other, file)
    assert [each.name for each in tmp_path.iterdir() if "restoring" in each.name] == []


async def test_a_damaged_backup_is_not_put_back(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    await add(file, *map(str, range(200)))
    await back_up(file, backup)
    content = bytearray(backup.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = bytes(8192)
    backup.write_bytes(content)
    with pytest.raises(UserError, match=r"damaged|that can be read"):
        await unpack(backup, file)


async def test_after_a_restore_open_posts_are_looked_for_first(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        ids = await papers(tx, "One", "Two")
        await plan(tx, context, *ids)
        await claim(tx)
    restored = await after_restore(store, AtNoon())
    assert restored.posts == 3
    async with store.writing() as tx:
        (post,) = await claim(tx, later(hours=4))
        assert (post.state, post.part) == (PostState.UNKNOWN, 0)
        assert [each.open for each in await tx.outbox.list_troubles(NOW)] == [3]


async def test_after_a_restore_slots_that_have_passed_wait_for_their_next_time(store: SqlStore) -> None:
    async with store.writing() as tx:
        context = await arrive(tx)
        await subscribe(tx, context)
        await tx.schedule.set_due({(context.channel.id, NINE): later(hours=-1)}, NOW)
    assert (await after_restore(store, AtNoon())).slots == 1
    async with store.reading() as tx:
        (due,) = await tx.schedule.all()
    assert due.due == later(hours=23), "nine in Paris, on the next day"


async def test_after_a_restore_numbers_in_lost_messages_are_not_given_out(database: str) -> None:
    store = SqlStore(database)
    async with store.writing() as tx:
        (first,) = await papers(tx, "One")
    await after_restore(store, AtNoon())
    async with store.writing() as tx:
        (next_,) = await papers(tx, "Two")
    assert next_ == first + NUMBERS_SKIPPED + 1
    await store.close()


async def test_after_a_restore_papers_that_may_have_been_posted_are_not_fresh(store: SqlStore) -> None:
    async with store.writing() as tx:
        await papers(tx, "One")
    await after_restore(store, AtNoon())
    async with store.writing() as tx:
        (tomorrows, _) = await put_paper(tx, draft("Two"), later(days=1))
        assert await tx.papers.arrived(TODAY - timedelta(days=7)) == {tomorrows}
