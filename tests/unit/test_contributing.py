"""The examples of CONTRIBUTING.md are applied to a copy of the project, and their tests pass there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.reference import reference

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("adapters", "app", "bot", "papers", "storage", "tests", "training", "pyproject.toml")
NEW_FILE = re.compile(r"# (\S+/\S+\.py)\n")
OWN_TESTS = (
    "tests/e2e/test_next.py",
    "tests/papers/test_datacite.py",
    "tests/adapters/test_bulletin.py",
)
pytestmark = pytest.mark.slow

TESTS_OF_REPLIES = (
    "tests/adapters/console/test_console_render.py",
    "tests/adapters/discord/test_discord_render.py",
    "tests/adapters/discord/test_discord_render_limits.py",
    "tests/adapters/email/test_email_render.py",
    "tests/adapters/slack/test_slack_render.py",
    "tests/adapters/slack/test_slack_render_limits.py",
)


@dataclass(frozen=True)
class Example:
    language: str
    text: str


def examples() -> list[Example]:
    return [Example(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]


def apply(folder: Path, example: Example) -> None:
    if example.language == "diff":
        for name, changes in re.findall(
            r"^--- a/.+\n\+\+\+ b/(.+)\n((?:[ @+-].*\n?)+?)(?=^--- a/|\Z)", example.text, re.MULTILINE
        ):
            change(folder / name, changes)
    elif example.language == "python":
        (name,) = NEW_FILE.findall(example.text)
        file = folder / name
        assert not file.exists(), f"{name} is no new file"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(NEW_FILE.sub("", example.text, count=1), encoding="utf-8")


def change(file: Path, changes: str) -> None:
    """Change a file as a diff says, which need not say at which lines: what it shows stands there once."""
    text = file.read_text(encoding="utf-8")
    for hunk in re.split(r"^@@.*\n", changes, flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1, f"{file.name} has this {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the project with every example applied."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        here = ROOT / name
        if here.is_dir():
            shutil.copytree(here, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, folder)
    for example in examples():
        apply(folder, example)
    yield folder
    shutil.rmtree(folder)


def python(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_every_example_is_read():
    assert [example.language for example in examples()] == [
        "sh",
        *("python", "diff", "python"),
        *("diff", "diff", "diff"),
        *("python", "diff", "python"),
        *("python", "python", "python", "python", "python", "diff", "python"),
    ]


def test_the_examples_are_as_the_linter_wants_them(changed):
    ruff = Path(sys.executable).with_name("ruff")
    for check in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        run = subprocess.run([ruff, *check, "."], cwd=changed, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout


@pytest.mark.timeout(600)  # a process of its own that loads the model
def test_their_tests_pass(changed):
    told = python(changed, "-m", "pytest", "-q", "-p", "no:cacheprovider", *OWN_TESTS)
    assert re.search(r"\b[1-9]\d* passed", told)


@pytest.mark.timeout(600)
def test_a_new_reply_passes_the_tests_that_draw_every_reply(changed):
    told = python(
        changed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "waiting or meaning", *TESTS_OF_REPLIES
    )
    assert re.search(r"\b[1-9]\d* passed", told)


def test_a_new_command_stands_in_the_reference(changed):
    told = python(changed, "-m", "app.reference")
    added = set(told.splitlines()) - set(reference().splitlines())
    assert "### next" in added
