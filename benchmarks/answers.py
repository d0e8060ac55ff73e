"""Measure the quoting of answers: `python benchmarks/answers.py`.

Each of SciFact's claims that training never saw is the question to a paper of 20 abstracts, a section each,
once with the abstract that the claim was written from and once without. A claim is answered if the best
sentence is in that abstract and reaches the threshold. It is answered in vain if, without the abstract, a
sentence reaches it. The alternatives have thresholds at which they answer in vain as often as the product.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from beir import Collection, load
from numpy.typing import NDArray
from vector_cache import SHARED

from bot.domain.document import Document, Passage
from papers import answers
from papers.documents.sentences import Piece, pieces
from papers.embedding import MiniLM
from papers.vectors import unpack
from training.texts import KEPT

SECTIONS = 20
POOL = 300
"""Abstracts among which the other sections are chosen at random."""
THRESHOLDS = (0.3, 0.33, 0.36, 0.4, 0.45)
WAYS = {"words alone": 0.0, "meaning alone": 1.0, "ours": answers.MEANING}
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Section:
    """An abstract in encoded pieces."""

    cut: list[Piece]
    parts: list[bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """A claim, its vector, the section that it was written from, and the other sections."""

    claim: str
    vector: bytes
    own: Section
    others: Sequence[Section]


async def encoded(texts: dict[str, tuple[str, str]], embedder: MiniLM) -> dict[str, Section]:
    """Split abstracts into pieces and encode their sentences."""
    cut = {name: pieces(Document((Passage(text, name),), name)) for name, (_, text) in texts.items()}
    flat = [("", piece.text) for each in cut.values() for piece in each]
    packed = iter(await embedder.papers(flat))
    return {
        name: Section(
            each, [unpack(next(packed), embedder.dimensions, embedder.word_dimensions).details for _ in each]
        )
        for name, each in cut.items()
    }


async def cases(collection: Collection, embedder: MiniLM) -> list[Case]:
    """Make a paper for every claim. The choice is the same in each run."""
    rng = random.Random(7)
    claims = list(collection.queries)[::KEPT]
    pool = rng.sample(sorted(collection.texts), POOL)
    own = {claim: next(iter(collection.judged[claim])) for claim in claims}
    needed = {name: collection.texts[name] for name in {*pool, *own.values()}}
    sections = await encoded(needed, embedder)
    asked = await embedder.queries([collection.queries[claim] for claim in claims])
    made = []
    for claim, query in zip(claims, asked, strict=True):
        far = [name for name in rng.sample(pool, SECTIONS) if name not in collection.judged[claim]]
        others = [sections[name] for name in far[: SECTIONS - 1]]
        made.append(Case(collection.queries[claim], query.vector, sections[own[claim]], others))
    return made


def best(case: Case, sections: Sequence[Section]) -> float:
    """Return the best score in these sections, in the context of the whole paper."""
    every = [case.own, *case.others] if case.own in sections else sections
    cut = [piece for section in every for piece in section.cut]
    parts = [part for section in every for part in section.parts]
    scores = answers.scored(case.claim, cut, parts, case.vector)
    number = sum(len(piece.quotes) for section in sections for piece in section.cut)
    return float(scores[:number].max(initial=0.0))


def measured(made: Sequence[Case], weight: float) -> tuple[Numbers, Numbers]:
    """Return for each case the right sentence's score if it is the best (else 0), and the best without it."""
    answers.MEANING = weight
    found, vain = [], []
    for case in made:
        right, all_ = best(case, [case.own]), best(case, [case.own, *case.others])
        found.append(right if right == all_ else 0.0)
        vain.append(best(case, case.others))
    return np.array(found), np.array(vain)


def row(name: str, threshold: float, found: Numbers, vain: Numbers) -> None:
    """Print the row of one way and threshold."""
    print(f"{name:16}{threshold:10.2f}{np.mean(found >= threshold):12.3f}{np.mean(vain >= threshold):12.3f}")


async def main() -> None:
    """Measure everything."""
    embedder = MiniLM()
    try:
        made = await cases(load(SHARED / "data" / "scifact"), embedder)
    finally:
        embedder.close()
    print(f"{len(made)} claims, papers of {SECTIONS} abstracts")
    print(f"{'':16}{'threshold':>10}{'answered':>12}{'in vain':>12}")
    results = {name: measured(made, weight) for name, weight in WAYS.items()}
    wrong = np.mean(results["ours"][1] >= answers.THRESHOLD)
    for name, (found, vain) in results.items():
        level = answers.THRESHOLD if name == "ours" else float(np.quantile(vain, 1 - wrong))
        row(name, level, found, vain)
    for threshold in THRESHOLDS:
        row("ours", threshold, *results["ours"])


if __name__ == "__main__":
    asyncio.run(main())
