"""Measure the index of vectors: `python benchmarks/vectors.py [PAPERS]`.

It is compared with numpy's exact float32 product of all rows, which takes the best by itself, and with faiss'
exact index where faiss is installed. Each way runs in a process of its own, one after the other, with as many
threads as there are cores. Rounds alternate between one query and 32 at once; the table has the median.
Memory is what the process has more than before it had these vectors, but with everything imported and
searches done: its own, the files that it maps and shares with others, and the most it had of both. *Same* is
the share of queries whose papers are exactly numpy's. Papers whose scores differ by less than 1e-6 are equal.

The rows are random, with clusters as papers on one topic have, and of length one. Random rows are harder than
papers': more of them are nearly as near as the nearest.
"""

import asyncio
import importlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from storage.index.vectors import VectorIndex

Floats: TypeAlias = NDArray[np.float32]
Find: TypeAlias = Callable[[Floats], Awaitable[list[list[tuple[int, float]]]]]

PAPERS = 100_000
DIMENSIONS = 384
LIMIT = 100
AT_ONCE = (1, 32)
ROUNDS = 15
BLOCK = 5000
CLUSTERS = 200
DETAILS = bytes(3800)
"""As many bytes as the sentences and words of an abstract take."""
FOLDER = "BENCHMARK_FOLDER"


def _rows(count: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(CLUSTERS, DIMENSIONS))
    rows = random.normal(size=(count, DIMENSIONS)) + centres[random.integers(CLUSTERS, size=count)]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype("<f2").astype("<f4")


def _blocks(papers: int) -> Iterator[tuple[int, Floats]]:
    for start in range(0, papers, BLOCK):
        yield start, _rows(min(BLOCK, papers - start), start + 1)


def _queries(count: int) -> Floats:
    return _rows(count, 10**9)


def _best(scores: Floats) -> list[list[tuple[int, float]]]:
    """Return the best of each row, best first."""
    limit = min(LIMIT, scores.shape[1])
    top = np.argpartition(scores, -limit)[:, -limit:]
    found = np.take_along_axis(scores, top, 1)
    order = np.argsort(-found)
    return [
        list(zip(ids[each].tolist(), near[each].tolist(), strict=True))
        for ids, near, each in zip(top, found, order, strict=True)
    ]


def _numpy(papers: int) -> Find:
    rows = np.empty((papers, DIMENSIONS), np.float32)
    for start, block in _blocks(papers):
        rows[start : start + len(block)] = block

    async def find(queries: Floats) -> list[list[tuple[int, float]]]:
        return _best(np.ascontiguousarray((rows @ queries.T).T))

    return find


def _faiss(papers: int) -> Find:
    faiss = importlib.import_module("faiss")
    index = faiss.IndexFlatIP(DIMENSIONS)
    for _, block in _blocks(papers):
        index.add(block)

    async def find(queries: Floats) -> list[list[tuple[int, float]]]:
        scores, ids = index.search(queries, LIMIT)
        return [list(zip(*each, strict=True)) for each in zip(ids.tolist(), scores.tolist(), strict=True)]

    return find


def _index(papers: int) -> Find:
    index = VectorIndex(DIMENSIONS, Path(os.environ[FOLDER]), f"{papers} papers")
    for start in range(0, papers, BLOCK):
        texts = {number: str(number) for number in range(start, min(start + BLOCK, papers))}
        if len(index.held(texts.values())) < len(texts):
            block = _rows(len(texts), start + 1)
            for first in range(0, len(block), 250):
                index.add({str(start + n): (block[n].tobytes(), DETAILS) for n in range(first, first + 250)})
        index.put(texts)

    async def find(queries: Floats) -> list[list[tuple[int, float]]]:
        return list(await asyncio.gather(*(index.nearest(query.tobytes(), LIMIT) for query in queries)))

    return find


WAYS: dict[str, Callable[[int], Find]] = {
    "numpy, float32": _numpy,
    "faiss, float32": _faiss,
    "this index, first process": _index,
    "this index, second process": _index,
}


def _memory() -> dict[str, float]:
    """Return this process's memory in MB: its own, what it maps, and the most of both."""
    lines = Path("/proc/self/status").read_text().splitlines()
    status = {name: value for name, _, value in (line.partition(":") for line in lines)}
    fields = {"own": "RssAnon", "mapped": "RssFile", "peak": "VmHWM"}
    return {name: int(status[field].split()[0]) / 1000 for name, field in fields.items()}


async def _measured(way: str, papers: int) -> dict[str, Any]:
    warm = WAYS[way](min(papers, 2000))
    for number in AT_ONCE:
        await warm(_queries(number))
    del warm
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _memory()
    find = WAYS[way](papers)
    times: dict[int, list[float]] = {number: [] for number in AT_ONCE}
    for _ in range(ROUNDS):
        for number in AT_ONCE:
            queries = _queries(number)
            start = time.perf_counter()
            found = await find(queries)
            times[number].append(1000 * (time.perf_counter() - start))
    after = _memory()
    return {
        "times": [statistics.median(each) for each in times.values()],
        "memory": {name: after[name] - before[name] for name in before},
        "found": found,
    }


def _same(found: list[list[tuple[int, float]]], exact: list[list[tuple[int, float]]]) -> float:
    same = [
        all(abs(one[1] - other[1]) < 1e-6 for one, other in zip(mine, theirs, strict=True))
        and {each for each, score in mine if score > theirs[-1][1] + 1e-6} <= {each for each, _ in theirs}
        for mine, theirs in zip(found, exact, strict=True)
    ]
    return sum(same) / len(same)


def _run(way: str, papers: int) -> dict[str, Any]:
    command = [sys.executable, __file__, str(papers), way]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - this file


def main() -> None:
    """Print the table, or what one way measured as JSON."""
    papers = int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS
    if len(sys.argv) > 2:
        print(json.dumps(asyncio.run(_measured(sys.argv[2], papers))))
        return
    print(f"{papers:,} papers, {os.cpu_count()} cores, the best {LIMIT}\n")
    heads = "1 query, ms", "32 queries, ms", "own MB", "mapped MB", "peak MB", "same"
    print(f"| | {' | '.join(heads)} |\n|{' --- |' * (len(heads) + 1)}")
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as folder:
        os.environ[FOLDER] = folder
        numpy_measured = _run("numpy, float32", papers)
        for way in WAYS:
            if way.startswith("faiss") and not importlib.util.find_spec("faiss"):
                continue
            measured = numpy_measured if way.startswith("numpy") else _run(way, papers)
            ratios = [
                mine / theirs for mine, theirs in zip(measured["times"], numpy_measured["times"], strict=True)
            ]
            timed = [f"{ms:.1f} ({ratio:.2f})" for ms, ratio in zip(measured["times"], ratios, strict=True)]
            memory = [f"{measured['memory'][name]:.0f}" for name in ("own", "mapped", "peak")]
            same = f"{_same(measured['found'], numpy_measured['found']):.0%}"
            print(f"| {way} | {' | '.join([*timed, *memory, same])} |")


if __name__ == "__main__":
    main()
