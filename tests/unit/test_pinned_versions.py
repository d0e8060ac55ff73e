"""Constraints.txt names one version of every dependency, and each fits what pyproject.toml asks for."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = [
    *PROJECT["dependencies"],
    *(line for lines in PROJECT["optional-dependencies"].values() for line in lines),
]
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
VERSIONS = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}
ONE_BUILD_OF_TORCH = ("cuda-", "nvidia-", "triton")
"""What PyTorch's build for graphics cards brings along, and its build for processors does not."""


def needed(requirements: list[str], extras: frozenset[str] = frozenset()) -> list[Requirement]:
    parsed = [Requirement(line) for line in requirements]
    environments = [{"extra": extra} for extra in extras or {""}]
    return [each for each in parsed if not each.marker or any(map(each.marker.evaluate, environments))]


def every_dependency() -> list[Requirement]:
    """Give every requirement that is reached from pyproject.toml in this environment."""
    found, waiting = [], needed(DECLARED)
    seen = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        found.append(requirement)
        if key not in seen:
            seen.add(key)
            waiting += needed(importlib.metadata.requires(requirement.name) or [], key[1])
    return found


def test_every_line_is_a_name_and_a_version():
    assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==\d[\w.]*", line)] == []
    assert sorted(LINES, key=str.lower) == LINES
    assert len(VERSIONS) == len(LINES)


def test_every_dependency_has_a_line_and_no_line_is_left_over():
    names = {canonicalize_name(each.name) for each in every_dependency()}
    assert {name for name in names if not name.startswith(ONE_BUILD_OF_TORCH)} == set(VERSIONS)


@pytest.mark.parametrize("line", DECLARED)
def test_the_version_is_one_that_the_project_asks_for(line):
    requirement = Requirement(line)
    assert requirement.specifier.contains(VERSIONS[canonicalize_name(requirement.name)])


def test_versions_of_dependencies_agree_with_each_other():
    torn = [
        each
        for each in every_dependency()
        if not each.name.startswith(ONE_BUILD_OF_TORCH)
        and not each.specifier.contains(VERSIONS[canonicalize_name(each.name)])
    ]
    assert torn == []
