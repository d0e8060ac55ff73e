"""Measure how well papers are matched to topics: `python benchmarks/matching.py [--fit]`.

judged_topics.tsv has pairs of a topic and an arXiv paper, judged by hand: whether a subscriber of the topic
would want the paper. A pair's weight is the number of papers that it stands for, as rare good papers were
sampled as often as common bad ones. Each pair is scored by the product's weights, and by weights fitted
without its topic. Then everyday topics are matched with ../shared's seed page and arXiv papers, and all
matches are printed. Only arXiv papers that benchmarks/vector_cache.py has encoded take part.
"""

import asyncio
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from vector_cache import SHARED, CachedMiniLM, arxiv

from bot.domain.paper import PaperDraft
from bot.ports.search import WordEvidence
from papers import relevance
from papers.formats import BadLine, read
from papers.generations import Generation, Generations
from papers.search import HybridSearch
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex

Numbers: TypeAlias = NDArray[np.float64]

JUDGED = Path(__file__).with_name("judged_topics.tsv")
SEED = SHARED / "seed" / "hf-papers-page.txt"
RIDGE = 0.5
THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8)
EVERYDAY = (
    "gardening", "cooking recipes", "medieval history", "football results", "weather tomorrow",
    "celebrity gossip", "horse racing", "knitting patterns", "wine tasting", "real estate prices",
    "yoga exercises", "dog training", "ancient rome", "opera singers", "car repair", "holiday travel",
    "baking bread", "stamp collecting", "jazz music", "marathon training", "chess openings", "tax returns",
    "wedding planning", "bird watching", "skincare", "political elections", "home insurance", "pop concerts",
    "train timetables", "garden furniture",
)  # fmt: skip
TRUE_TOPICS = (
    "mixture of experts", "inference-time scaling", "vision transformers pretraining", "code generation",
    "LLM quantization", "retrieval augmented generation", "long context", "RLHF", "MoE", "diffusion models",
    "reward models", "speculative decoding",
)  # fmt: skip


class Shelf:
    """Papers in the product's indexes, by their place."""

    def __init__(self, drafts: Sequence[PaperDraft], embedder: CachedMiniLM) -> None:
        self.drafts = drafts
        self.full_text = FullTextIndex()
        self.vectors = VectorIndex(embedder.dimensions)
        self.search = HybridSearch(Generations(Generation(embedder, self.vectors)), self.full_text)
        self.all = frozenset(range(len(drafts)))

    async def fill(self, packed: Iterable[bytes]) -> None:
        """Index them all."""
        await self.full_text.put((index, each.title, each.abstract) for index, each in enumerate(self.drafts))
        for index, each in enumerate(packed):
            self.vectors.put(index, *unpack(each, CachedMiniLM.dimensions, CachedMiniLM.word_dimensions))


async def _shelves(embedder: CachedMiniLM) -> tuple[Shelf, Shelf]:
    kept = embedder.kept([(draft.title, draft.abstract) for draft in arxiv()])
    large = Shelf([draft for draft in arxiv() if (draft.title, draft.abstract) in kept], embedder)
    await large.fill(kept[draft.title, draft.abstract] for draft in large.drafts)
    small = Shelf([draft for draft in read(SEED) if not isinstance(draft, BadLine)], embedder)
    await small.fill(await embedder.papers([(draft.title, draft.abstract) for draft in small.drafts]))
    return large, small


def _features(cosine: float, words: WordEvidence) -> tuple[float, ...]:
    return cosine, words.share, words.title_share, float(words.adjacent)


async def _judged(shelf: Shelf, embedder: CachedMiniLM) -> tuple[list[str], Numbers, Numbers, Numbers]:
    """Each pair's topic, features, judgement, and how many pairs it stands for."""
    indexes = {name.value: index for index, draft in enumerate(shelf.drafts) for name in draft.identifiers}
    rows: Mapping[str, list[tuple[int, int, float]]] = {}
    with JUDGED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["paper"] in indexes:
                judged = (indexes[row["paper"]], int(row["about"]), float(row["stands_for"]))
                rows.setdefault(row["topic"], []).append(judged)
    topics, features, about, weights = [], [], [], []
    for topic, pairs in rows.items():
        (encoded,) = await embedder.queries([topic])
        ids = [paper_id for paper_id, _, _ in pairs]
        near = dict(shelf.vectors.scores(encoded.vector, ids))
        evidence = await shelf.full_text.evidence(topic, frozenset(ids))
        for paper_id, relevant, weight in pairs:
            topics.append(topic)
            features.append(_features(near[paper_id], evidence.get(paper_id, WordEvidence())))
            about.append(relevant)
            weights.append(weight)
    return topics, np.array(features), np.array(about, float), np.array(weights)


def _fitted(features: Numbers, about: Numbers) -> Numbers:
    """Fit a ridge logistic regression by Newton's method; the constant comes first."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    rows = np.c_[np.ones(len(features)), (features - mean) / spread]
    ridge = RIDGE * np.r_[0, np.ones(features.shape[1])]
    weights = np.zeros(rows.shape[1])
    for _ in range(50):
        guess = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (guess - about) + ridge * weights
        bend = (rows * (guess * (1 - guess))[:, None]).T @ rows + np.diag(ridge)
        weights -= np.linalg.solve(bend, slope)
    scaled = weights[1:] / spread
    return np.r_[weights[0] - scaled @ mean, scaled]


def _guesses(features: Numbers, weights: Numbers) -> Numbers:
    guesses: Numbers = 1 / (1 + np.exp(-(weights[0] + features @ weights[1:])))
    return guesses


def _held_out(topics: Sequence[str], features: Numbers, about: Numbers) -> Numbers:
    names = np.array(topics)
    guesses = np.zeros(len(about))
    for topic in set(topics):
        context = names == topic
        guesses[context] = _guesses(features[context], _fitted(features[~context], about[~context]))
    return guesses


def _tell(name: str, guesses: Numbers, about: Numbers, weights: Numbers) -> None:
    for threshold in THRESHOLDS:
        matched = guesses >= threshold
        both = (weights * about * matched).sum()
        precision, recall = both / (weights * matched).sum(), both / (weights * about).sum()
        plain = (about[matched].mean(), about[matched].sum() / about.sum())
        print(f"| {name} | {threshold} | {precision:.2f} | {recall:.2f} | {plain[0]:.2f} | {plain[1]:.2f} |")


async def _show(name: str, shelf: Shelf, topics: Iterable[str]) -> None:
    print(f"\n## {name}: {len(shelf.drafts):,} papers\n\n| topic | papers | the best |\n|---|---|---|")
    silent = []
    for topic in topics:
        matches = await shelf.search.match_topic(topic, shelf.all)
        if matches:
            best = "; ".join(
                f"{match.score:.2f} {shelf.drafts[match.paper_id].title}" for match in matches[:3]
            )
            print(f"| {topic} | {len(matches)} | {best} |")
        else:
            silent.append(topic)
    print(f"\nNothing for: {', '.join(silent) or 'none of them'}")


async def main() -> None:
    """Print the tables; with --fit the weights for papers/relevance.py as well."""
    embedder = CachedMiniLM()
    large, small = await _shelves(embedder)
    topics, features, about, weights = await _judged(large, embedder)
    print(f"{len(about)} judged pairs of {len(set(topics))} topics, {int(about.sum())} wanted")
    if "--fit" in sys.argv:
        print("constant, cosine, share, titled, together:", _fitted(features, about).round(2))
    print("\n| weights | threshold | precision | recall | of the pairs: precision | recall |")
    print("|---|---|---|---|---|---|")
    _tell("without the topic", _held_out(topics, features, about), about, weights)
    product = np.array(
        [relevance.CONSTANT, relevance.COSINE, relevance.SHARE, relevance.TITLED, relevance.TOGETHER]
    )
    _tell("the product's", _guesses(features, product), about, weights)
    for name, shelf in (("seed page", small), ("arXiv", large)):
        await _show(f"Everyday topics on the {name}", shelf, EVERYDAY)
        await _show(f"True topics on the {name}", shelf, TRUE_TOPICS)
    embedder.close()


if __name__ == "__main__":
    asyncio.run(main())
