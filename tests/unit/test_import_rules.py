import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "bot", "adapters", "papers", "storage")
ALLOWED_IN_BOT = {"bot", "cachetools", "dateutil"}
MIGRATIONS = "storage/sql/migrations/versions"

TRAINING = "The program never imports what makes its files"
LAYERS = "Imports point inwards: app, then adapters, papers and storage side by side, then bot"
ROOMS = "In the core: commands, conversation, posting and intake side by side, ports, protocol, domain"
SURFACE = "In each surface: the adapter, then inbound, outbound, render"
SURFACES = "No surface knows another"
COMMON = "What surfaces have in common knows no platform's libraries"
CORE = "The core has no SDK, no SQL, no model, no input or output"
STORAGE = "Only storage knows databases, full-text indexes and Redis"
MERGING = "Storage never merges: the core decides which papers are the same, and what they come to"
THROUGH_STORAGE = "The program reaches databases, full-text indexes and Redis through storage alone"
MODELS = "Only papers knows models"
LIBRARIES = "Papers and storage know no surface's libraries"
SERVER = "The program alone runs a server; surfaces hand it their routes"

WRONG = (
    ("app", "training", TRAINING),
    ("papers", "training.encoder", TRAINING),
    ("storage", "training.texts", TRAINING),
    ("papers", "onnx", TRAINING),
    ("bot", "adapters.console", LAYERS),
    ("bot", "papers.text", LAYERS),
    ("bot", "storage.sql", LAYERS),
    ("bot", "app.cli", LAYERS),
    ("papers", "storage.sql", LAYERS),
    ("papers", "adapters.console", LAYERS),
    ("storage", "papers.text", LAYERS),
    ("storage", "adapters.console", LAYERS),
    ("adapters", "papers.text", LAYERS),
    ("adapters", "storage.sql", LAYERS),
    ("adapters", "app.cli", LAYERS),
    ("bot.domain", "bot.protocol.replies", ROOMS),
    ("bot.protocol", "bot.ports.clock", ROOMS),
    ("bot.ports", "bot.posting.planner", ROOMS),
    ("bot.posting", "bot.intake.links", ROOMS),
    ("bot.intake", "bot.posting.planner", ROOMS),
    ("bot.intake", "bot.conversation.lists", ROOMS),
    ("bot.conversation", "bot.commands.search", ROOMS),
    ("adapters.slack.render", "adapters.slack.outbound.client", SURFACE),
    ("adapters.discord.outbound", "adapters.discord.inbound.events", SURFACE),
    ("adapters.email.render", "adapters.email.outbound.client", SURFACE),
    ("adapters.console.inbound", "adapters.console.adapter", SURFACE),
    ("adapters.web.render", "adapters.web.inbound.site", SURFACE),
    ("adapters.web.outbound", "adapters.web.inbound.readers", SURFACE),
    ("adapters.web", "adapters.slack", SURFACES),
    ("adapters.api.render", "adapters.api.inbound.requests", SURFACE),
    ("adapters.feeds.inbound", "adapters.feeds.adapter", SURFACE),
    ("adapters.mcp.render", "adapters.mcp.inbound.tools", SURFACE),
    ("adapters.another", "adapters.console", SURFACES),
    ("adapters.api", "adapters.mcp", SURFACES),
    ("adapters.feeds", "adapters.api", SURFACES),
    ("adapters.console", "adapters.another", SURFACES),
    ("adapters.common", "adapters.slack", SURFACES),
    ("adapters.common", "slack_sdk", COMMON),
    ("adapters.common", "discord", COMMON),
    ("adapters.common", "aiosmtplib", COMMON),
    ("adapters.common.programs", "starlette", COMMON),
    ("adapters.common.programs", "mcp", COMMON),
    ("bot", "slack_sdk", CORE),
    ("bot", "discord", CORE),
    ("bot", "aiosmtplib", CORE),
    ("bot", "sqlalchemy", CORE),
    ("bot", "torch", CORE),
    ("bot", "socket", CORE),
    ("papers", "redis", STORAGE),
    ("papers", "sqlalchemy", STORAGE),
    ("adapters", "redis", STORAGE),
    ("adapters", "sqlalchemy", STORAGE),
    ("adapters", "tantivy", STORAGE),
    ("storage", "bot.domain.merging", MERGING),
    ("storage.sql", "bot.domain.descriptions", MERGING),
    ("storage.sql", "bot.intake.paper_store", MERGING),
    ("app", "redis", THROUGH_STORAGE),
    ("app", "sqlalchemy", THROUGH_STORAGE),
    ("storage", "sentence_transformers", MODELS),
    ("adapters", "torch", MODELS),
    ("papers", "discord", LIBRARIES),
    ("storage", "aiosmtplib", LIBRARIES),
    ("storage", "rich", LIBRARIES),
    ("bot", "starlette", CORE),
    ("bot", "jinja2", CORE),
    ("adapters.common", "jinja2", COMMON),
    ("papers", "starlette", LIBRARIES),
    ("adapters", "uvicorn", SERVER),
    ("storage", "h11", SERVER),
)


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def copied(tree: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tree)
    for package in (*PACKAGES, "training"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tree


def foreign_to_bot(tree: Path) -> set[str]:
    """What the core imports besides the standard library and its short list."""
    return imported(tree / "bot") - ALLOWED_IN_BOT - sys.stdlib_module_names


def foreign_to_migrations(tree: Path) -> set[str]:
    """What migrations import besides the standard library and what they are written with."""
    return imported(tree / MIGRATIONS) - {"alembic", "sqlalchemy"} - sys.stdlib_module_names


def imported(folder: Path) -> set[str]:
    """The packages that are imported anywhere in a folder's files."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says of each contract once every wrong import is planted."""
    tree = copied(tmp_path_factory.mktemp("planted"))
    for number, (package, wrong, _) in enumerate(WRONG):
        folder = tree / package.replace(".", "/")
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        (folder / f"planted_{number}.py").write_text(f"import {wrong}\n")
    report = lint(tree)
    assert report.returncode == 1, report.stderr
    _, *titled = re.split(
        r"^(.+)\n-{4,}\n", report.stdout.partition("Broken contracts")[2], flags=re.MULTILINE
    )
    return dict(zip(titled[::2], titled[1::2], strict=True))


def test_the_contracts_hold() -> None:
    report = lint(ROOT)
    assert report.returncode == 0, report.stdout + report.stderr


@pytest.mark.parametrize(
    "number", range(len(WRONG)), ids=[f"{package} {wrong}" for package, wrong, _ in WRONG]
)
def test_a_wrong_import_breaks_its_contract(broken: dict[str, str], number: int) -> None:
    package, wrong, contract = WRONG[number]
    assert f"{package}.planted_{number} -> {wrong} (l.1)" in broken[contract]


def test_every_contract_is_broken_on_purpose() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}
    assert names == {contract for _, _, contract in WRONG}


def test_the_core_imports_the_standard_library_and_a_short_list() -> None:
    assert foreign_to_bot(ROOT) == set()


@pytest.mark.parametrize(
    "line", ["import requests", "from attrs import define", "import papers.text as text"]
)
def test_any_other_import_into_the_core_is_seen(tmp_path: Path, line: str) -> None:
    planted = tmp_path / "bot/commands/planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(f"def inner() -> None:\n    {line}\n")
    assert foreign_to_bot(tmp_path) == {line.split()[1].split(".", maxsplit=1)[0]}


@pytest.mark.parametrize("package", ["app", "adapters"])
def test_there_is_no_second_server(package: str) -> None:
    """aiohttp is a client here; the linter cannot tell its `web` from the rest."""
    texts = [file.read_text() for file in (ROOT / package).rglob("*.py")]
    assert texts
    assert not [text for text in texts if re.search(r"aiohttp\.web|from aiohttp import .*\bweb\b", text)]


def test_a_migration_means_the_same_whatever_becomes_of_the_program() -> None:
    assert foreign_to_migrations(ROOT) == set()


@pytest.mark.parametrize("package", ["bot", "papers", "app", "storage", "adapters"])
def test_an_import_of_the_program_into_a_migration_is_seen(tmp_path: Path, package: str) -> None:
    planted = tmp_path / MIGRATIONS / "9999_planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(f"def upgrade() -> None:\n    from {package}.anything import this\n")
    assert foreign_to_migrations(tmp_path) == {package}


def test_the_console_answers_before_what_it_may_not_need_is_imported() -> None:
    slow = {"alembic", "slack_bolt", "discord", "onnxruntime", "torch", "sentence_transformers", "uvicorn"}
    slow |= {"jinja2", "adapters.web.adapter"}
    heavy = {"onnxruntime", "torch", "sentence_transformers", "uvicorn"}
    slow = heavy | {"alembic", "slack_bolt", "discord", "mcp"}
    code = f"import sys, app.chat; print(*({slow} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []
