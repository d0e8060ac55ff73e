"""Measure `paperclub import` of a mixed library of made-up works: `python benchmarks/library.py [ENTRIES]`.

The library is BibTeX, RIS, CSL-JSON, NBIB and JSON Lines, with duplicates across them. Each run is a process
of its own over SQLite: a tenth of the library, to see how memory grows; all of it; and all of it again. In
another folder a run is killed (SIGKILL) when half of the papers are stored, and repeated. The results must be
equal. Peak memory is the system's figure for each process.
"""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.libraries import library

ENTRIES = 5_000
LOOKS_EVERY = 0.02
_COUNTS = re.compile(r"papers?: (\d+) new, (\d+) updated, (\d+) known already")
_KEPT = """
    SELECT title, abstract, authors, published, details, origins, source,
        (SELECT group_concat(each) FROM (SELECT scheme || ':' || value AS each FROM paper_identifiers
            WHERE paper_id = papers.id ORDER BY each)) AS names,
        (SELECT count(*) FROM vectors WHERE vectors.text_hash = papers.text_hash) AS vectors
    FROM papers ORDER BY title, abstract
"""


def _rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def _count(database: Path) -> int:
    """How many papers another process has committed so far."""
    try:
        return int(str(_rows(database, "SELECT count(*) FROM papers")[0][0]))
    except sqlite3.OperationalError:
        return 0


def _imported(what: str, folder: Path, files: list[Path], kill_at: int | None = None) -> list[int]:
    """Import files in a process, and print its row of the table; how many are new, updated and known."""
    environment = {**os.environ, "PAPERCLUB_DATA_DIR": str(folder), "PAPERCLUB_DATABASE_URL": ""}
    command = [sys.executable, "-m", "app.start", "import", *map(str, files)]
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        started = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
        while kill_at is not None and _count(folder / "paperclub.db") < kill_at:
            assert started.poll() is None
            time.sleep(LOOKS_EVERY)
        if kill_at is not None:
            started.send_signal(signal.SIGKILL)
        _, status, used = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        assert started.returncode == (0 if kill_at is None else -signal.SIGKILL)
        output.seek(0)
        counts = [sum(map(int, each)) for each in zip(*_COUNTS.findall(output.read()), strict=True)]
    cells = [f"{count:,}" for count in [*(counts or [0, 0, 0]), _count(folder / "paperclub.db")]]
    cells += [f"{time.perf_counter() - start:.0f}", f"{used.ru_maxrss / 1024:.0f}"]
    print(f"| {what} | {' | '.join(cells)} |", flush=True)
    return counts


def main(entries: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        small, all_ = folder / "small", folder / "all"
        for each in (small, all_):
            each.mkdir()
        few, _ = library(small, entries // 10)
        files, works = library(all_, entries)
        print("| import of | new | updated | known | rows | seconds | peak MiB |")
        print("|---|---|---|---|---|---|---|")
        _imported(f"{entries // 10:,} entries", folder / "tenth", few)
        _imported(f"{entries:,} entries", folder / "whole", files)
        again = _imported("the same again", folder / "whole", files)
        _imported("killed at half", folder / "killed", files, kill_at=works // 2)
        _imported("and run again", folder / "killed", files)
        undisturbed, completed = (
            _rows(folder / each / "paperclub.db", _KEPT) for each in ("whole", "killed")
        )
    assert again == [0, 0, entries], again
    assert len(undisturbed) == works
    assert completed == undisturbed
    print(f"\n{works:,} works, {len(undisturbed):,} rows; what was killed and run again is equal to the rest")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES)
