"""A mixed library is imported once, however often it is imported and wherever that broke off."""

import contextlib
import io
import json
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner
from waiting import DEADLINE

from app import cli
from tests.libraries import library

ENTRIES = 300
CHANGING = {"id", "paper_id", "sequence", "added", "added_on", "dated", "arrived", "seen_at"}


@pytest.fixture
def imported(monkeypatch, tmp_path):
    """Import files into a data folder; what it said."""
    monkeypatch.delenv("PAPERCLUB_DATABASE_URL", raising=False)
    monkeypatch.setenv("PAPERCLUB_ENCODE_PAPERS", "graph")  # PyTorch takes seconds to load, each time

    def run(folder: str, *arguments: object) -> str:
        monkeypatch.setenv("PAPERCLUB_DATA_DIR", str(tmp_path / folder))
        result = CliRunner().invoke(cli.cli, ["import", *map(str, arguments)])
        assert result.exit_code == 0, result.output
        return result.output

    return run


def rows(database: Path, table: str) -> list[dict[str, object]]:
    """What a table holds, but for numbers and times."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        try:
            found = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
        except sqlite3.OperationalError:
            return []
    kept = ({name: value for name, value in row.items() if name not in CHANGING} for row in found)
    return sorted(kept, key=lambda row: json.dumps(row, default=str))


def papers(database: Path) -> list[list[dict[str, object]]]:
    return [rows(database, table) for table in ("papers", "paper_identifiers", "descriptions", "paper_links")]


def outcomes(output: str, files: list[Path]) -> list[str]:
    return [line for line in output.splitlines() if line.startswith(tuple(file.name for file in files))]


@pytest.mark.timeout(600)
def test_a_library_is_imported_once(imported, process, tmp_path):
    files, works = library(tmp_path, ENTRIES)
    first = imported("whole", *files)
    assert "bad line" not in first
    assert "contradiction" not in first
    whole = tmp_path / "whole/paperclub.db"
    kept = papers(whole)
    assert len(kept[0]) == works
    again = outcomes(imported("whole", *files), files)
    assert len(again) == len(files)
    assert all(" 0 new, 0 updated, " in line for line in again)
    assert papers(whole) == kept

    database = tmp_path / "data/paperclub.db"
    killed = process("import", *files, PAPERCLUB_ENCODE_PAPERS="graph")
    while not database.exists() or len(rows(database, "papers")) < works // 3:
        with pytest.raises(subprocess.TimeoutExpired):
            killed.wait(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait(DEADLINE)
    assert len(rows(database, "papers")) < works
    imported("data", *files)
    assert papers(database) == kept
    assert len(rows(database, "vectors")) == len(rows(whole, "vectors"))
    assert all(" 0 new, 0 updated, " in line for line in outcomes(imported("data", *files), files))


def test_progress_is_shown_on_a_terminal(imported, monkeypatch, tmp_path):
    shown = io.StringIO()
    monkeypatch.setattr(cli, "notes", Console(file=shown, force_terminal=True, width=100))
    file = tmp_path / "one.bib"
    file.write_text("@misc{a, title={Kettles}}\n@misc{b, title={Cups}}\n", encoding="utf-8")
    imported("data", file)
    assert "Taking in one.bib" in shown.getvalue()
    assert "2 papers" in shown.getvalue()
    monkeypatch.setattr(cli, "notes", Console(file=(quiet := io.StringIO()), width=100))
    imported("data", file)
    assert quiet.getvalue() == ""
