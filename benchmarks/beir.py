"""Collections in BEIR's layout, and the measures that go with them."""

import csv
import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papers.text import clean_abstract, clean_title


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts by id as (title, abstract), and the judged queries with their judgements."""

    name: str
    texts: dict[str, tuple[str, str]]
    queries: dict[str, str]
    judged: dict[str, dict[str, int]]


def load(folder: Path) -> Collection:
    """Read corpus.jsonl(.gz), queries.jsonl(.gz) and every qrels/*.tsv."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for table in sorted((folder / "qrels").glob("*.tsv")):
        with table.open(encoding="utf-8", newline="") as lines:
            for query, paper, grade in csv.reader(lines, delimiter="\t"):
                if grade.lstrip("-").isdigit() and int(grade) > 0:
                    judged[query][paper] = int(grade)
    texts = {
        str(row["_id"]): (clean_title(row.get("title") or ""), clean_abstract(row.get("text") or ""))
        for row in _rows(folder, "corpus")
    }
    queries = {str(row["_id"]): row["text"] for row in _rows(folder, "queries") if str(row["_id"]) in judged}
    return Collection(folder.name, texts, queries, dict(judged))


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    plain = folder / f"{name}.jsonl"
    with (
        plain.open(encoding="utf-8")
        if plain.exists()
        else gzip.open(f"{plain}.gz", "rt", encoding="utf-8") as lines
    ):
        yield from (json.loads(line) for line in lines if line.strip())


def measures(found: Sequence[str], judged: Mapping[str, int]) -> tuple[float, float, float]:
    """nDCG@10, recall@10 and recall@100 of one query."""
    gains = [judged.get(paper, 0) / math.log2(rank + 2) for rank, paper in enumerate(found[:10])]
    ideal = sorted(judged.values(), reverse=True)[:10]
    best = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(ideal))
    recalls = [sum(paper in judged for paper in found[:depth]) / len(judged) for depth in (10, 100)]
    return sum(gains) / best, recalls[0], recalls[1]
