"""The words of docs/glossary.md are those of the code, and words that gave way to them are gone from it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from storage.sql.tables import Base

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
FOLDERS = (
    "app",
    *(
        f"bot/{room}"
        for room in ("commands", "conversation", "domain", "intake", "ports", "posting", "protocol")
    ),
    *(
        f"adapters/{name}"
        for name in ("api", "common", "console", "discord", "email", "feeds", "mcp", "slack", "web")
    ),
    "papers",
    "storage/index",
    "storage/shared",
    "storage/sql",
)
MIGRATIONS = ROOT / "storage/sql/migrations/versions"
"""Migrations keep the names of their time."""

GONE = """
    told untold Losing observe fitting Asking Askings withdraw_resting occupancy Presence Marks Marking Here
    Call Deed Changers Lost Refused PerhapsSent Wish Shortlist settling drawing Quiet Desk Spot Place
    whereabouts
"""
IDENTIFIERS = set(GONE.split())
METHODS = {"taken", "tell", "untold", "again", "quieten", "mend", "hand_back"}
OF_PAPERS = {"known", "named", "linked", "passing"}
"""What methods of the repository of papers are not called."""
OF_LIBRARIES = {Path("app/metrics/prometheus.py"): {"observe"}}
"""By file, names of its library's that are words gone from ours."""
OF_SQL = {"Link"}
"""What nothing in storage/sql is called."""
DISCORD_MODULES = {"interacting", "answering", "talk"}
IN_TABLES = {
    "told",
    "untold",
    "changers",
    "deed",
    "marks",
    "asking",
    "askings",
    "presence",
    "occupancy",
    "wish",
}


def entries() -> dict[str, str]:
    """By term, what the glossary says of it."""
    found = re.findall(r"^- \*\*(.+?)\*\*: (.+?)(?=\n- |\n\n|\n?\Z)", GLOSSARY, re.MULTILINE | re.DOTALL)
    return {term: " ".join(text.split()) for term, text in found}


@cache
def trees(folder: str) -> dict[Path, ast.Module]:
    files = sorted(file for file in (ROOT / folder).rglob("*.py") if not file.is_relative_to(MIGRATIONS))
    return {file.relative_to(ROOT): ast.parse(file.read_bytes()) for file in files}


def defined(tree: ast.Module) -> Iterator[str]:
    """The names that a module and its classes define, those in classes as `Class.name`."""
    for node in tree.body:
        for name in bound(node):
            yield name
            if isinstance(node, ast.ClassDef):
                yield from (f"{name}.{inner}" for each in node.body for inner in bound(each))


def bound(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return [each.id for each in targets if isinstance(each, ast.Name)]
        case _:
            return []


def identifiers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every identifier in a module with its line, without the underscore of private ones."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name))
            ):
                yield node.lineno, name.strip("_")
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name.strip("_")
            case ast.alias(name=name, asname=other):
                yield node.lineno, (other or name.rpartition(".")[2]).strip("_")


def methods(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Every method with its line and its class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield each.lineno, node.name, each.name.strip("_")


def private(file: Path, tree: ast.Module) -> list[str]:
    """Where a module has words that gave way to others, and which."""
    forbidden = IDENTIFIERS | (OF_SQL if file.is_relative_to("storage/sql") else set())
    forbidden -= OF_LIBRARIES.get(file, set())
    found = [(line, name) for line, name in identifiers(tree) if name in forbidden or name.lower() == "told"]
    for line, owner, name in methods(tree):
        if name in METHODS or (owner.endswith("Papers") and name in OF_PAPERS):
            found.append((line, f"{owner}.{name}"))
    if file.is_relative_to("adapters/discord") and file.stem in DISCORD_MODULES:
        found.append((1, file.stem))
    return [f"{file}:{line} {name}" for line, name in sorted(set(found))]


def table_names() -> Iterator[str]:
    """The names of tables, columns, constraints and indexes."""
    for table in Base.metadata.sorted_tables:
        yield table.name
        yield from (f"{table.name}.{column.name}" for column in table.columns)
        yield from (f"{table.name}.{each.name}" for each in (*table.constraints, *table.indexes) if each.name)


def test_each_term_is_explained_once_and_shortly():
    terms = [each.strip() for term in entries() for each in term.lower().split(",")]
    assert len(terms) == len(set(terms))
    assert len(terms) >= 40
    for term, text in entries().items():
        sentences = re.findall(r"\.(?: |$)", text)
        assert 1 <= len(sentences) <= 2, term
        assert "`" in text, term


def test_the_code_has_every_name_of_the_glossary():
    known = {name for folder in FOLDERS for tree in trees(folder).values() for name in defined(tree)}
    known |= set(Base.metadata.tables) | {
        column.name for table in Base.metadata.sorted_tables for column in table.columns
    }
    names = {name for text in entries().values() for name in re.findall(r"`([^`]+)`", text)}
    paths = {name for name in names if "/" in name}
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert {name for name in names - paths if not name.startswith("#")} - known == set()


def test_every_folder_is_looked_through():
    files = {file for package in ("app", "bot", "adapters", "papers", "storage") for file in trees(package)}
    seen = {file for folder in FOLDERS for file in trees(folder)}
    assert {file.name for file in files - seen} <= {"__init__.py"}


@pytest.mark.parametrize(
    "folder",
    FOLDERS,
)
def test_no_word_that_gave_way_is_left(folder):
    assert [each for file, tree in trees(folder).items() for each in private(file, tree)] == []


def test_no_word_that_gave_way_is_left_in_the_tables():
    assert [name for name in table_names() if IN_TABLES & set(re.split(r"[._]", name))] == []


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("bot/a.py", "told = 1", "told"),
        ("bot/a.py", "def f(told): ...", "told"),
        ("bot/a.py", "f(told=1)", "told"),
        ("bot/a.py", "class _Told: ...", "Told"),
        ("bot/a.py", "from bot.b import Wish as Shortlist", "Shortlist"),
        ("bot/a.py", "class A:\n    async def taken(self): ...", "A.taken"),
        ("storage/a.py", "class SqlPapers:\n    def known(self): ...", "SqlPapers.known"),
        ("storage/sql/a.py", "from storage.sql.connection import Link", "Link"),
        ("adapters/discord/inbound/talk.py", "", "talk"),
    ],
)
def test_such_a_word_is_seen(file, line, found):
    assert [each.split()[-1] for each in private(Path(file), ast.parse(line))][:1] == [found]
