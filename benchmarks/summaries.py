"""Measure one-sentence summaries against human ones: `python benchmarks/summaries.py FILE [--fit]`.

FILE has SciTLDR's JSON Lines: `source` (sentences), `target` (one or more summaries), `title`. With --fit the
weights of `papers/summaries.py` are fitted to FILE, which is then the training part, and printed.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rouge_score.rouge_scorer import RougeScorer

from bot.domain.paper import Paper
from papers.summaries import ExtractiveSummarizer, Features, features
from papers.text import sentences

KINDS = ("rouge1", "rouge2", "rougeL")
SCORER = RougeScorer(KINDS, use_stemmer=True)
CUE = re.compile(r"\b(?:we|this paper) (?:propose|present|introduce|show|develop|describe)", re.IGNORECASE)
RIDGE = 100.0


class Example(NamedTuple):
    """A paper with its human one-line summaries."""

    title: str
    sentences: Sequence[str]
    targets: Sequence[str]

    @property
    def paper(self) -> Paper:
        """The paper with its sentences joined to an abstract."""
        return Paper(
            id=1,
            title=self.title,
            abstract=" ".join(self.sentences),
            source="SciTLDR",
            added=datetime(2020, 1, 1, tzinfo=UTC),
        )

    def rouge(self, text: str) -> list[float]:
        """Return F1 for each kind of ROUGE, against the human summary that is closest."""
        each = [SCORER.score(target, text) for target in self.targets]
        return [max(scores[kind].fmeasure for scores in each) for kind in KINDS]


def read(file: Path) -> list[Example]:
    """Read SciTLDR's format."""
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return [Example(row["title"], row["source"], row["target"]) for row in rows]


def cue(example: Example) -> str:
    """Take the first sentence that says what the authors do."""
    return next((each for each in example.sentences if CUE.search(each)), example.sentences[0])


def textrank(example: Example) -> str:
    """Take the sentence that PageRank finds over shared words, as Mihalcea and Tarau weigh them."""
    words = [set(re.findall(r"\w+", each.lower())) for each in example.sentences]
    links = np.array(
        [
            [0.0 if a is b else len(a & b) / (1 + np.log(len(a) or 1) + np.log(len(b) or 1)) for b in words]
            for a in words
        ]
    )
    links /= np.maximum(links.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(len(words), 1 / len(words))
    for _ in range(50):
        rank = 0.15 / len(words) + 0.85 * rank @ links
    return example.sentences[int(rank.argmax())]


def best(example: Example) -> str:
    """Take the sentence that the human summary fits best: nobody can choose better."""
    return max(example.sentences, key=lambda each: example.rouge(each)[0])


def ours(example: Example) -> str:
    """Return the product's choice."""
    return " ".join(quote.text for quote in asyncio.run(ExtractiveSummarizer().summarize(example.paper, 1)))


def measure(examples: Sequence[Example]) -> None:
    """Print a row for every way to choose."""
    ways: dict[str, Callable[[Example], str]] = {
        "first sentence": lambda example: example.sentences[0],
        "TextRank": textrank,
        "cue phrase": cue,
        "title itself": lambda example: example.title,
        "ours": ours,
        "best single sentence": best,
    }
    print(f"{len(examples)} papers, one sentence each; stemmed ROUGE F1 x 100, best of the human summaries")
    print(f"{'':22}{'R-1':>8}{'R-2':>8}{'R-L':>8}")
    for name, choose in ways.items():
        means = 100 * np.mean([example.rouge(choose(example)) for example in examples], axis=0)
        print(f"{name:22}" + "".join(f"{mean:8.1f}" for mean in means))
    print(f"ours takes {milliseconds(examples):.2f} ms a paper")


def milliseconds(examples: Sequence[Example]) -> float:
    """Time the product alone, over all papers in one loop."""
    papers = [example.paper for example in examples]
    summarizer = ExtractiveSummarizer()

    async def run() -> None:
        for paper in papers:
            await summarizer.summarize(paper, 1)

    start = time.perf_counter()
    asyncio.run(run())
    return 1000 * (time.perf_counter() - start) / len(papers)


def fit(examples: Sequence[Example]) -> None:
    """Print ridge regression's weights: a sentence's ROUGE-1 from its features, within each abstract."""
    inputs: list[Any] = []
    outputs: list[Any] = []
    spread: list[Any] = []
    for example in examples:
        split = sentences(example.paper.abstract)
        seen = np.array(features(split, example.title))
        scores = np.array([example.rouge(each)[0] for each in split])
        spread.append(seen)
        inputs.append(seen - seen.mean(axis=0))
        outputs.append(scores - scores.mean())
    scale = np.concatenate(spread).std(axis=0)
    x = np.concatenate(inputs) / scale
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(len(scale)), x.T @ np.concatenate(outputs)) / scale
    for name, weight in zip(Features._fields, weights, strict=True):
        print(f"{name:12}{weight:9.4f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="SciTLDR's JSON Lines")
    parser.add_argument("--fit", action="store_true", help="print weights fitted to the file")
    arguments = parser.parse_args()
    (fit if arguments.fit else measure)(read(arguments.file))


if __name__ == "__main__":
    main()
