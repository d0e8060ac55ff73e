import contextlib
import errno
import fcntl
import logging
import mmap
import os
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import numpy as np
import pytest

from storage.index.shared_vectors import BOOT_ID, SharedVectors

DIMENSIONS = 8
ROOT = Path(__file__).parents[2]
_READ = """
import sys
from pathlib import Path
from storage.index.shared_vectors import SharedVectors

shared = SharedVectors(8, Path(sys.argv[1]), "model")
rows = shared.find(["0", "299", "absent"])
print(shared.rows, rows.tolist(), shared.details(int(rows[1])).decode(), shared.vectors(rows[:1])[0].tolist())
shared.add({"absent": (bytes(32), b"found by the other")})
"""
_HALF = """
import os, signal, sys
from pathlib import Path
from storage.index import shared_vectors

write, calls = shared_vectors._write, []

def killed(file, content, start):
    calls.append(file)
    if len(calls) == int(sys.argv[2]):
        half = len(content) // 2 if len(content) > 8 else 0  # 8 bytes are written whole or not at all
        write(file, content[:half], start)
        os.kill(os.getpid(), signal.SIGKILL)
    write(file, content, start)

shared = shared_vectors.SharedVectors(8, Path(sys.argv[1]), "model")
shared_vectors._write = killed
shared.add({f"half {number}": (bytes([number]) * 32, b"never seen") for number in range(100)})
"""
_FULL = """
import resource, signal, sys
from pathlib import Path
from storage.index.shared_vectors import SharedVectors

shared = SharedVectors(8, Path(sys.argv[1]), "model")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    shared.add({f"full {number}": (bytes([number]) * 32, b"never seen") for number in range(255)})
except OSError as error:
    print(f"{error.strerror}, {shared.rows} rows")
"""
_ADD = """
import sys
from pathlib import Path
from storage.index.shared_vectors import SharedVectors

shared = SharedVectors(8, Path(sys.argv[1]), "model")
print("ready", flush=True)
sys.stdin.readline()
for start in range(0, 2000, 50):
    shared.add({str(n): (bytes(32), f"details {n}".encode()) for n in range(start, start + 75)})
"""


def encoded(first: int, last: int) -> dict[str, tuple[bytes, bytes]]:
    rows = np.random.default_rng(first).normal(size=(last - first, DIMENSIONS)).astype("<f2").astype("<f4")
    return {
        str(first + place): (row.tobytes(), f"details {first + place}".encode())
        for place, row in enumerate(rows)
    }


def opened(folder: Path, model: str = "model", boot: Path = BOOT_ID) -> SharedVectors:
    return SharedVectors(DIMENSIONS, folder, model, boot)


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_another_process_has_what_one_has_added(tmp_path: Path) -> None:
    shared, texts = opened(tmp_path), encoded(0, 300)
    shared.add(texts)
    read = run(_READ, tmp_path)
    assert read.returncode == 0, read.stderr
    vector = np.frombuffer(texts["0"][0], "<f4").tolist()
    assert read.stdout == f"300 [0, 299, -1] details 299 {vector}\n"
    (row,) = shared.find(["absent"])
    assert shared.details(int(row)) == b"found by the other"
    assert shared.rows == 301


def test_rows_are_read_exactly_in_any_order(tmp_path: Path) -> None:
    shared, texts = opened(tmp_path), encoded(0, 3000)
    for start in range(0, 3000, 700):
        shared.add(dict(list(texts.items())[start : start + 700]))
    names = ["2999", "5", "6", "7", "5", "1400", "0"]
    expected = np.stack([np.frombuffer(texts[name][0], "<f4") for name in names])
    assert (shared.vectors(shared.find(names)) == expected).all()
    assert shared.vectors(shared.find([])).shape == (0, DIMENSIONS)
    kept = shared.steps
    shared.add(encoded(3000, 9000))
    assert (shared.steps[: len(kept)] == kept).all()
    approximate = (shared.steps.astype(float) - 128) * shared.scales[:, None]
    exact = shared.vectors(np.arange(9000, dtype=np.int32))
    assert np.linalg.norm(approximate - exact, axis=1).max() <= shared.error + 1e-6


def test_a_text_has_one_row_whoever_adds_it(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)
    one.add(encoded(0, 10))
    other.add(encoded(0, 10) | encoded(10, 12))
    one.add(encoded(10, 12))
    assert one.rows == other.rows == 12


def test_processes_that_add_at_the_same_time_do_not_mix_their_rows(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ADD, str(tmp_path)]
    with contextlib.ExitStack() as stack:
        started = (subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) for _ in range(4))
        writers = [stack.enter_context(writer) for writer in started]
        assert [writer.stdout and writer.stdout.readline() for writer in writers] == ["ready\n"] * 4
        for writer in writers:
            assert writer.stdin
            writer.stdin.close()  # this begins it
    assert [writer.returncode for writer in writers] == [0] * 4
    shared = opened(tmp_path)
    assert shared.rows == 2025
    for number, row in enumerate(shared.find([str(number) for number in range(2025)]).tolist()):
        assert shared.details(row) == f"details {number}".encode()


@pytest.mark.parametrize("write", range(1, 6))
def test_a_killed_writer_leaves_nothing_half(tmp_path: Path, write: int) -> None:
    shared = opened(tmp_path)
    shared.add(encoded(0, 5))
    assert run(_HALF, tmp_path, write).returncode == -signal.SIGKILL
    assert opened(tmp_path).rows == 5
    shared.add(encoded(5, 300))
    again = opened(tmp_path)
    assert again.rows == 300
    assert again.find(["half 1"]).tolist() == [-1]
    for name, (vector, details) in (encoded(0, 5) | encoded(5, 300)).items():
        (row,) = again.find([name])
        assert again.details(int(row)) == details
        assert again.vectors(np.array([row]))[0].tobytes() == vector


def test_a_disk_that_is_full_leaves_nothing_half(tmp_path: Path) -> None:
    shared = opened(tmp_path)
    shared.add(encoded(0, 5))
    filled = run(_FULL, tmp_path)
    assert filled.stdout == "File too large, 5 rows\n", filled.stderr
    shared.add(encoded(5, 300))
    assert opened(tmp_path).rows == 300
    assert shared.details(299) == b"details 299"


def test_a_new_boot_begins_anew(tmp_path: Path) -> None:
    boot, folder = tmp_path / "boot", tmp_path / "data"
    folder.mkdir()
    boot.write_text("before\n")
    before = opened(folder, boot=boot)
    before.add(encoded(0, 5))
    boot.write_text("after\n")
    assert opened(folder, boot=boot).rows == 0
    assert len(list(folder.iterdir())) == 2, "another machine may use it, so it stays until it is let go"
    del before
    opened(folder, boot=boot)
    assert [file.name.split("-")[1] for file in folder.iterdir()] == ["after"]


def test_what_a_boot_left_is_there_for_its_next_process(tmp_path: Path) -> None:
    opened(tmp_path).add(encoded(0, 5))
    assert opened(tmp_path).rows == 5


def test_vectors_of_two_models_are_never_mixed(tmp_path: Path) -> None:
    opened(tmp_path).add(encoded(0, 5))
    assert opened(tmp_path, "another model").rows == 0
    assert SharedVectors(2 * DIMENSIONS, tmp_path, "model").rows == 0


def test_without_a_folder_nothing_is_shared() -> None:
    shared = SharedVectors(DIMENSIONS)
    shared.add(encoded(0, 5))
    assert SharedVectors(DIMENSIONS).rows == 0


@pytest.mark.parametrize("broken", ["missing", "unlockable", "unmappable", "cut off", "no boot"])
def test_where_it_cannot_share_a_process_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    folder = tmp_path / "data"
    if broken != "missing":
        folder.mkdir()
    if broken == "cut off":
        opened(folder).add(encoded(0, 5))
        os.truncate(next(folder.glob("*/halves")), 7)
    refused = {"unlockable": (fcntl, "flock"), "unmappable": (mmap, "mmap")}.get(broken)
    if refused:
        real, errors = getattr(*refused), [OSError(errno.ENODEV, "No such device")]

        def at_first_refused(*arguments: Any, **named: Any) -> Any:
            if errors:
                raise errors.pop()
            return real(*arguments, **named)

        monkeypatch.setattr(*refused, at_first_refused)
    with caplog.at_level(logging.INFO):
        shared = opened(folder, boot=tmp_path / "absent" if broken == "no boot" else BOOT_ID)
    (record,) = caplog.records
    assert "This process has its own" in record.message
    assert record.levelno == (logging.INFO if broken == "no boot" else logging.WARNING)
    shared.add(encoded(0, 300))
    assert shared.rows == 300
    assert shared.details(299) == b"details 299"


def test_files_are_for_this_user_alone_and_closed_at_the_end(tmp_path: Path) -> None:
    files = Path("/proc/self/fd")
    before = len(list(files.iterdir()))
    shared = opened(tmp_path)
    shared.add(encoded(0, 5))
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    del shared
    assert len(list(files.iterdir())) <= before
