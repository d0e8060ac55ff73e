"""What SQLite keeps is for one user alone, whatever the umask."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.sql.backup import back_up
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o377])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}


async def test_a_new_database_and_what_is_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "paperclub.db"
    await migrate(f"sqlite:///{file}")
    store = SqlStore(f"sqlite:///{file}")
    async with store.writing() as tx:
        await tx.papers.count()
        assert modes(tmp_path).keys() >= {"paperclub.db", "paperclub.db-wal", "paperclub.db-shm"}
        assert set(modes(tmp_path).values()) == {0o600}
    await store.close()
    await back_up(file, tmp_path / "backup.db")
    assert modes(tmp_path)["backup.db"] == 0o600


async def test_a_database_that_others_can_read_is_closed(tmp_path: Path, migrated_file: Path) -> None:
    file = tmp_path / "paperclub.db"
    file.write_bytes(migrated_file.read_bytes())
    file.chmod(0o644)
    await migrate(f"sqlite:///{file}")
    assert modes(tmp_path)["paperclub.db"] == 0o600


async def test_a_part_that_was_left_open_to_all_is_not_written_into(
    tmp_path: Path, migrated_file: Path
) -> None:
    part, elsewhere = tmp_path / "backup.db.part", tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    part.symlink_to(elsewhere)
    await back_up(migrated_file, tmp_path / "backup.db")
    assert elsewhere.read_text() == "mine"
    assert modes(tmp_path)["backup.db"] == 0o600
    assert not part.is_symlink()
