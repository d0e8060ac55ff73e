"""Full disks, damaged files, outputs that take nothing: a command says so in a sentence and exits with 1."""

import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

FILES = ("paperclub.db", "chat.db")
TINY = 60_000
"""Bytes that a file may have where the disk is said to be full; the database has more already."""


@pytest.fixture
def folder(tmp_path, migrated_file):
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_file, tmp_path / "data" / "paperclub.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "paperclub.db")) as database:
        database.execute("INSERT INTO teams (name, created) VALUES ('Lab', '2026-09-21 08:00:00')")
        database.commit()
    rows = [{"title": f"Kettle {n}", "abstract": f"It whistles {n} times. " * 400} for n in range(8)]
    (tmp_path / "papers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "script.txt").write_text("search kettles\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(folder):
    """Run a command in a process of its own; what it came to, and what it said on standard error."""

    def called(line: str, stdout=subprocess.DEVNULL, umask: int = -1, largest: int = 0, data: str = "data"):
        def full() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

        environment = os.environ | {
            "PAPERCLUB_DATA_DIR": str(folder / data),
            "PAPERCLUB_DATABASE_URL": "",
            "PAPERCLUB_HUGGINGFACE_URL": "http://127.0.0.1:9",
            "COLUMNS": "300",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        done = subprocess.run(
            [sys.executable, "-m", "app.start", *line.split()],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            umask=umask,
            env=environment,
            cwd=folder,
            preexec_fn=full if largest else None,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "Exception ignored" not in done.stderr
        return done

    return called


@pytest.mark.parametrize("line", ["doctor --quick", "export", "manifest", "digest", "backup copy.db"])
def test_a_full_standard_output(call, line):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = call(line, stdout=full)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("paperclub: The standard output takes nothing more")


@pytest.mark.parametrize("line", ["doctor --quick", "export"])
def test_a_standard_output_that_nobody_reads(call, line):
    reading, writing = os.pipe()
    os.close(reading)
    done = call(line, stdout=writing)
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "paperclub: Nobody reads the standard output any more."


LINES = [
    "doctor --quick",
    "chat --script script.txt",
    "digest",
    "export out.jsonl",
    "import papers.jsonl",
    "migrate",
]


@pytest.mark.parametrize("line", [*LINES, "backup copy.db", "after-restore --yes", "fetch"])
def test_a_database_file_of_noise(call, folder, line):
    for name in FILES:
        (folder / "data" / name).write_bytes(bytes(range(256)) * 300)
    done = call(line, stdout=subprocess.PIPE)
    assert done.returncode == 1
    assert "is not" in done.stdout + done.stderr
    assert not [each.name for each in folder.iterdir() if each.name.endswith((".part", ".db"))]


def damage(folder):
    content = bytearray((folder / "data" / "paperclub.db").read_bytes())
    content[4096 * 3 :] = b"\x5a" * (len(content) - 4096 * 3)
    for name in FILES:
        (folder / "data" / name).write_bytes(content)


@pytest.mark.parametrize("line", ["doctor --quick", "export out.jsonl", "digest", "chat --script script.txt"])
def test_a_database_whose_tables_are_damaged(call, folder, line):
    damage(folder)
    done = call(line, stdout=subprocess.PIPE)
    assert done.returncode == 1
    assert "damaged" in done.stdout + done.stderr


def test_the_doctor_looks_at_the_rest_where_papers_cannot_be_read(call, folder):
    assert call("import papers.jsonl").returncode == 0
    file = folder / "data" / "paperclub.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = database.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'paper_identifiers'")
        places = [4096 * (page - 1) for (page,) in pages if page]
    content = bytearray(file.read_bytes())
    for place in places:
        content[place : place + 4096] = b"\x5a" * 4096
    file.write_bytes(content)
    done = call("doctor", stdout=subprocess.PIPE)
    assert done.returncode == 1
    assert "cannot be read" in done.stdout
    assert "model" in done.stdout


@pytest.mark.parametrize("line", ["import papers.jsonl", "backup copy.db", "export --force out.jsonl"])
def test_a_full_disk(call, folder, line):
    (folder / "out.jsonl").write_text("the export before\n", encoding="utf-8")
    if line.startswith("export"):
        assert call("import papers.jsonl").returncode == 0
    done = call(line, largest=TINY)
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert said.startswith("paperclub: ")
    assert "full" in said or "cannot be written" in said or "cannot be read or written" in said
    assert (folder / "out.jsonl").read_text(encoding="utf-8") == "the export before\n"
    assert not [each.name for each in folder.iterdir() if each.name.endswith((".part", "copy.db"))]


@pytest.mark.parametrize("line", ["migrate", "chat --script script.txt"])
def test_a_folder_that_cannot_be_made(call, line):
    done = call(line, data="/proc/paperclub")
    assert done.returncode == 1
    assert done.stderr.startswith("paperclub: The folder /proc/paperclub cannot be made")


def test_what_is_written_is_for_this_user_alone(call, folder):
    shutil.rmtree(folder / "data")
    (folder / "out.jsonl").write_text("readable by all", encoding="utf-8")
    (folder / "out.jsonl").chmod(0o644)
    for line in ("migrate", "import papers.jsonl", "export --force out.jsonl", "backup copy.db"):
        assert call(line, umask=0).returncode == 0
    written = [folder / "out.jsonl", folder / "copy.db", *(folder / "data").iterdir()]
    assert {
        each.name: oct(each.stat().st_mode & 0o777) for each in written if each.stat().st_mode & 0o077
    } == {}
    assert (folder / "out.jsonl").read_text(encoding="utf-8").count("\n") >= 8


def test_an_export_into_a_device_or_through_a_link_stays_what_it_is(call, folder):
    (folder / "link").symlink_to(folder / "real.jsonl")
    assert call("export link").returncode == 0
    assert (folder / "link").is_symlink()
    assert (folder / "real.jsonl").is_file()
    assert call("export /dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()
