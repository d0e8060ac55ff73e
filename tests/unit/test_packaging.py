import ast
import email
import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PACKAGES = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/(?!you\b)\w+")
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|download\.pytorch\.org|docker\.io|ghcr\.io|quay\.io|anaconda\.org)\b"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


def told(wheel: zipfile.ZipFile, name: str) -> str:
    return wheel.read(f"paperclub-{PROJECT['version']}.dist-info/{name}").decode()


def test_the_wheel_tells_name_version_and_licence(wheel: zipfile.ZipFile) -> None:
    metadata = email.message_from_string(told(wheel, "METADATA"))
    assert (metadata["Name"], metadata["Version"]) == ("paperclub", PROJECT["version"])
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Paperclub authors" in told(wheel, "licenses/LICENSE")


def test_the_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    scripts = ConfigParser()
    scripts.read_string(told(wheel, "entry_points.txt"))
    module, _, function = scripts["console_scripts"]["paperclub"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    files = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {
        "papers/encoder/minilm.onnx",
        "papers/samples/papers.jsonl",
        "storage/index/floats.onnx",
        "storage/index/products.onnx",
        "storage/sql/migrations/script.py.mako",
    } < files
    assert {f"{package}/py.typed" for package in PACKAGES} < files
    assert files <= set(wheel.namelist())


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} == {
        *PACKAGES,
        f"paperclub-{PROJECT['version']}.dist-info",
    }


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: Iterable[str]) -> set[str]:
    names = (re.match(r"[\w.-]+", each) for each in requirements)
    return {plain(name[0]) for name in names if name}


def imported(folders: Iterable[str]) -> set[str]:
    """Give the top-level names that the files import."""
    found: set[str] = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(
    ("folders", "requirements"),
    [
        (PACKAGES, PROJECT["dependencies"]),
        (
            ["tests", "benchmarks", "training"],
            [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())],
        ),
    ],
    ids=["project", "what is beside it"],
)
def test_what_is_imported_is_declared(folders: list[str], requirements: list[str]) -> None:
    trees = (ROOT / "tests", ROOT / "benchmarks", ROOT / "training")
    own = {path.stem for tree in trees for path in (tree, *tree.rglob("*"))}
    foreign = imported(folders) - sys.stdlib_module_names - {*PACKAGES, *own}
    distributions = importlib.metadata.packages_distributions()
    undeclared = {
        name
        for name in foreign
        if not {plain(each) for each in distributions.get(name, ())} & declared(requirements)
    }
    assert undeclared == set()


def tracked() -> list[Path]:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        return []
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.skipif(not tracked(), reason="no git, or no repository here")
def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {name[0]}"
        for file in tracked()
        if file.exists()
        for number, line in enumerate(
            file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        for name in (MACHINE_PATH.search(line), REGISTRY.search(line))
        if name
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["home", "root", "Users", "work"])
def test_a_machine_path_is_seen(folder: str) -> None:
    assert MACHINE_PATH.search(f"cd /{folder}/ann")


@pytest.mark.parametrize("host", [("pypi", "org"), ("docker", "io")])
def test_a_registry_is_seen(host: tuple[str, str]) -> None:
    assert REGISTRY.search(f"https://{'.'.join(host)}/simple")


@pytest.mark.parametrize(
    "line", ["https://papers.example/home/ann", "app/work/main", "./work/main", "/workers/1"]
)
def test_other_paths_are_let_be(line: str) -> None:
    assert not MACHINE_PATH.search(line)
