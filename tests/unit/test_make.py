import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONG_AGO = (1_000_000_000, 1_000_000_000)
AFTERWARDS = (1_000_000_001, 1_000_000_001)
RUNTIME = "-m pip install --constraint constraints.txt --editable ."
DEV = "-m pip install --constraint constraints.txt --editable .[dev]"
INSTALLED_FROM = ("pyproject.toml", "constraints.txt")
TEST_FAST = "-m pytest -n 2 --dist worksteal -m not slow and not long"
TEST = "-m pytest -n 3 --dist worksteal -m not long"

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


class Workshop:
    """A folder with the project's Makefile and a Python that only writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.python = folder / "fake-python"
        shutil.copy(ROOT / "Makefile", folder)
        for name in INSTALLED_FROM:
            (folder / name).touch()
            os.utime(folder / name, LONG_AGO)
        programs = "pip python paperclub ruff mypy lint-imports"
        self.write_python(
            f'[ "$2" = venv ] || exit 0; mkdir -p "$3/bin"; for name in {programs}; do '
            f'cp {self.python} "$3/bin/$name"; done'
        )

    def write_python(self, script: str) -> None:
        self.python.write_text(
            f'#!/bin/sh\ncase "$1 $2" in "-c import"*) ;; *) echo "$@" >> {self.log};; esac\n{script}\n'
        )
        self.python.chmod(0o755)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        return subprocess.run(
            ["make", f"PYTHON={self.python}", *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self, *arguments: str) -> list[str]:
        """Make something and give what the Python was asked to do for it."""
        made = self.make(*arguments)
        assert made.returncode == 0, made.stderr
        return self.log.read_text().splitlines()


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_the_first_chat_sets_up_and_the_second_does_not(workshop: Workshop) -> None:
    assert workshop.asked("chat") == ["-m venv .venv", RUNTIME, "chat"]
    assert workshop.asked("chat") == ["chat"]


def test_arguments_go_on(workshop: Workshop) -> None:
    assert workshop.asked("chat", "ARGS=--script talk.txt")[-1] == "chat --script talk.txt"
    assert workshop.asked("test", "ARGS=-k outbox")[-1] == f"{TEST} -k outbox"


def test_arguments_for_pip_go_on(workshop: Workshop) -> None:
    asked = workshop.asked("chat", "PIP_ARGS=--extra-index-url https://index.example")
    assert asked[1] == RUNTIME.replace("install", "install --extra-index-url https://index.example")


@pytest.mark.parametrize("changed", INSTALLED_FROM)
def test_a_changed_file_sets_up_anew(workshop: Workshop, changed: str) -> None:
    workshop.asked("test")
    for stamp in (".installed", ".installed-dev"):
        os.utime(workshop.folder / ".venv" / stamp, LONG_AGO)
    os.utime(workshop.folder / changed, AFTERWARDS)
    assert workshop.asked("chat") == [RUNTIME, "chat"]
    assert workshop.asked("test") == [DEV, TEST]
    assert workshop.asked("test") == [TEST]


def test_tests_set_up_what_they_need_by_themselves(workshop: Workshop) -> None:
    assert workshop.asked("test") == ["-m venv .venv", DEV, TEST]
    assert workshop.asked("chat") == ["chat"]


def test_the_fast_tests_are_those_not_marked_slow_in_three_folders(workshop: Workshop) -> None:
    (asked,) = workshop.asked("test-fast", "ARGS=-k outbox")[2:]
    assert asked == f"{TEST_FAST} tests/unit tests/papers tests/adapters -k outbox"
    assert all((ROOT / folder).is_dir() for folder in re.findall(r"tests/\w+", asked))


def test_check_runs_every_linter(workshop: Workshop) -> None:
    assert workshop.asked("check")[2:] == ["check .", "format --check .", "", ""]


def test_faults_are_run_on_both_databases_and_platforms(workshop: Workshop) -> None:
    long_tests, *asked = workshop.asked("faults", "ARGS=--seed 7")[2:]
    assert long_tests == "-m pytest -m long"
    assert [line.split()[1:7] for line in asked] == [
        ["--platform", platform, "--database", database, "--workers", workers]
        for platform in ("slack", "discord")
        for database, workers in (("sqlite", "1"), ("postgresql", "4"))
    ]
    assert all(line.endswith("--seed 7") for line in asked)


def test_to_fuzz_takes_what_it_is_told(workshop: Workshop) -> None:
    assert workshop.asked("fuzz", "ARGS=--minutes 1")[2:] == ["-m tests.fuzz.run --minutes 1"]


def test_an_old_python_is_told_and_nothing_is_made(workshop: Workshop) -> None:
    workshop.write_python('case "$1" in --version) echo Python 3.10.13;; *) exit 1;; esac')
    made = workshop.make("chat")
    assert made.returncode != 0
    assert f"needs Python 3.11 or newer; {workshop.python} is Python 3.10.13" in made.stderr
    assert not (workshop.folder / ".venv").exists()


def test_a_missing_python_is_told(workshop: Workshop) -> None:
    made = workshop.make("chat", "PYTHON=")
    assert made.returncode != 0
    assert "needs Python 3.11 or newer; none was found" in made.stderr


def test_make_alone_lists_what_can_be_made(workshop: Workshop) -> None:
    made = workshop.make()
    assert [line.split("\t")[0] for line in made.stdout.splitlines()] == [
        "make help",
        "make chat",
        "make web",
        "make test",
        "make test-fast",
        "make check",
        "make faults",
        "make fuzz",
        "make walk",
    ]


@pytest.mark.parametrize(("check", "made"), [(0, ["check", "test"]), (1, ["check"])])
def test_ci_runs_the_checks_and_then_the_tests(tmp_path: Path, check: int, made: list[str]) -> None:
    script = tmp_path / ".ci/run"
    script.parent.mkdir()
    shutil.copy(ROOT / ".ci/run", script)
    assert script.stat().st_mode & stat.S_IXUSR
    fake = tmp_path / "bin/make"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/log\nexit {check}\n')
    fake.chmod(0o755)
    path = f"{fake.parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run([script], env={"PATH": path}, check=False)
    assert run.returncode == check
    assert (tmp_path / "log").read_text().split() == made
