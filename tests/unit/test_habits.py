"""What runs before a commit and on GitHub is what `make check` and `.ci/run` run."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text(encoding="utf-8"))


def test_the_hooks_are_the_checks():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    entries = [hook["entry"] for repository in hooks for hook in repository["hooks"]]
    (recipe,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert entries == recipe.replace("$(BIN)", ".venv/bin").split("\t", 1)[1].strip().split("\n\t")
    assert [repository["repo"] for repository in hooks] == ["local"]


def test_github_runs_what_everybody_runs():
    (job,) = WORKFLOW["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    (python,) = [step["with"] for step in job["steps"] if "setup-python" in step.get("uses", "")]
    assert python["python-version"] == "3.11"
    assert python["cache-dependency-path"] == "constraints.txt"
    assert WORKFLOW["permissions"] == {"contents": "read"}
