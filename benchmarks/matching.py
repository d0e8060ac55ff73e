"""Measure how well papers are matched to topics: `python benchmarks/matching.py [--fit]`.

judged_topics.tsv has pairs of a topic and an arXiv paper, judged by hand: whether a subscriber of the topic
would want the paper. A pair's weight is the number of papers that it stands for, as rare good papers were
sampled as often as common bad ones. Each pair is scored by the product's weights, and by weights fitted
without its topic. The judged papers are encoded if need be; other arXiv papers take part if
benchmarks/vector_cache.py has encoded them.

Then authors' keywords are topics, among the papers with keywords that training never saw; right are those
that carry the keyword. Last, everyday topics are matched with ../shared's seed page and arXiv papers.
"""

import asyncio
import csv
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from vector_cache import SHARED, CachedMiniLM, arxiv

from bot.domain.paper import PaperDraft
from bot.ports.search import WordEvidence
from papers import relevance
from papers.formats.files import read
from papers.formats.records import BadLine
from papers.generations import Generation, Generations
from papers.search import HybridSearch
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from training.ranking import interval
from training.texts import is_kept, papers

Numbers: TypeAlias = NDArray[np.float64]

JUDGED = Path(__file__).with_name("judged_topics.tsv")
SEED = SHARED / "seed" / "hf-papers-page.txt"
TRAINING = SHARED / "data"
RIDGE = 0.5
LEAST_HOLDERS = 3
"""A keyword of fewer papers is no topic."""
LEAST_NAMED = 0.3
"""A keyword that fewer of its papers name in title or abstract is the heading of a classification."""
EARLIER = np.array([-7.25, 9.4, 4.54, 1.3, 1.37])
"""The weights for MiniLM without differences: constant, cosine, share, titled, together."""
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
    "reward models", "speculative decoding", "mode collapse", "DPO",
    "reinforcement learning from human feedback",
)  # fmt: skip


class Shelf:
    """Papers in the product's indexes, by their place."""

    def __init__(self, drafts: Sequence[PaperDraft], embedder: CachedMiniLM) -> None:
        self.drafts = drafts
        self.full_text = FullTextIndex()
        self.vectors = VectorIndex(embedder.dimensions)
        self.search = HybridSearch(Generations(Generation(embedder, self.vectors)), self.full_text)
        self.all: frozenset[int] = frozenset()

    async def fill(self, packed: Sequence[bytes]) -> None:
        """Index the words of all, and the vectors of the first, which alone are matched."""
        await self.full_text.put((index, each.title, each.abstract) for index, each in enumerate(self.drafts))
        for index, each in enumerate(packed):
            self.vectors.add(
                {str(index): unpack(each, CachedMiniLM.dimensions, CachedMiniLM.word_dimensions)}
            )
            self.vectors.put({index: str(index)})
        self.all = frozenset(range(len(packed)))


async def _shelves(embedder: CachedMiniLM) -> tuple[Shelf, Shelf]:
    known = list(arxiv())
    names = {row["paper"] for row in _judged_rows()}
    judged = [draft for draft in known if any(each.value in names for each in draft.identifiers)]
    await embedder.papers([(draft.title, draft.abstract) for draft in judged])
    kept = embedder.kept([(draft.title, draft.abstract) for draft in known])
    known.sort(key=lambda draft: (draft.title, draft.abstract) not in kept)
    large = Shelf(known, embedder)
    texts = [(draft.title, draft.abstract) for draft in known]
    await large.fill([kept[text] for text in texts if text in kept])
    small = Shelf([draft for draft in read(SEED) if not isinstance(draft, BadLine)], embedder)
    await small.fill(await embedder.papers([(draft.title, draft.abstract) for draft in small.drafts]))
    return large, small


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of a topic and a paper, by its wording that fits best."""

    topic: str
    cosine: float
    words: WordEvidence
    about: float
    weight: float

    @property
    def features(self) -> tuple[float, ...]:
        """What the regression sees."""
        return self.cosine, *relevance.word_features(self.words)


async def _judged(shelf: Shelf, embedder: CachedMiniLM) -> list[Judged]:
    indexes = {name.value: index for index, draft in enumerate(shelf.drafts) for name in draft.identifiers}
    found = []
    for row in _judged_rows():
        topic, paper_id = row["topic"], indexes[row["paper"]]
        wordings = [topic, *shelf.full_text.alternatives(topic)]
        queries = await embedder.queries(wordings)
        evidence = await shelf.full_text.evidence(wordings, frozenset({paper_id}))
        near = [
            (shelf.vectors.scores(encoded.vector, [paper_id])[0][1], words.get(paper_id, WordEvidence()))
            for encoded, words in zip(queries, evidence, strict=True)
        ]
        scores = relevance.relevance(near)
        best = near[scores.index(max(scores))]
        found.append(Judged(topic, *best, float(row["about"]), float(row["stands_for"])))
    return found


def _judged_rows() -> list[dict[str, str]]:
    with JUDGED.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


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
    fitted: Numbers = np.r_[weights[0] - scaled @ mean, scaled]
    return fitted


def _guesses(features: Numbers, weights: Numbers) -> Numbers:
    guesses: Numbers = 1 / (1 + np.exp(-(weights[0] + features @ weights[1:])))
    return guesses


def _held_out(pairs: Sequence[Judged], features: Numbers, about: Numbers) -> Numbers:
    names = np.array([each.topic for each in pairs])
    guesses = np.zeros(len(about))
    for topic in set(names):
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


async def _tell_judged(pairs: Sequence[Judged]) -> None:
    features, about, weights = (
        np.array([getattr(each, name) for each in pairs]) for name in ("features", "about", "weight")
    )
    topics = {each.topic for each in pairs}
    print(f"{len(pairs)} judged pairs of {len(topics)} topics, {int(about.sum())} wanted")
    if "--fit" in sys.argv:
        print("constant, cosine, complete, titled, together:", _fitted(features, about).round(2))
    print("\n| weights | threshold | precision | recall | of the pairs: precision | recall |")
    print("|---|---|---|---|---|---|")
    earlier = np.array([(each.cosine, each.words.share, *each.features[2:]) for each in pairs])
    _tell("earlier ones", _guesses(earlier, EARLIER), about, weights)
    _tell("without the topic", _held_out(pairs, features, about), about, weights)
    ours = np.array(relevance.relevance([(each.cosine, each.words) for each in pairs]))
    _tell("the product's", ours, about, weights)


async def _keywords(embedder: CachedMiniLM) -> None:
    """Match authors' keywords with papers that training never saw."""
    kept = [each for each in papers(TRAINING) if is_kept(each)]
    shelf = Shelf([PaperDraft(each.title, each.abstract, "benchmark") for each in kept], embedder)
    await shelf.fill(await embedder.papers([(each.title, each.abstract) for each in kept]))
    holders: dict[str, set[int]] = {}
    for place, paper in enumerate(kept):
        for word in paper.keywords:
            holders.setdefault(word, set()).add(place)
    topics = [word for word in sorted(holders) if len(holders[word]) >= LEAST_HOLDERS]
    evidence = dict(zip(topics, await shelf.full_text.evidence(topics, shelf.all), strict=True))
    named = [word for word in topics if _share_named(evidence[word], holders[word]) >= LEAST_NAMED]
    ways = await _keyword_ways(shelf, embedder, topics, evidence)
    for name, chosen in (("all of them", topics), ("those that are named", named)):
        print(f"\n## Authors' keywords, {name}: {len(chosen)} among {len(kept):,} papers\n")
        heads = ("way", "precision", "recall", "F1", "silent", "F1 beside the earlier weights")
        print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
        base = _scores([ways["earlier weights"][word] for word in chosen], [holders[word] for word in chosen])
        for way, found in ways.items():
            scores = _scores([found[word] for word in chosen], [holders[word] for word in chosen])
            gain = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*interval(scores[:, 2], base[:, 2]))
            precision, recall, f1 = np.nanmean(scores, axis=0)
            silent = int(np.isnan(scores[:, 0]).sum())
            print(f"| {way} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {silent} | {gain} |")


def _share_named(evidence: Mapping[int, WordEvidence], holders: Collection[int]) -> float:
    return sum(each in evidence and evidence[each].phrases > 0 for each in holders) / len(holders)


async def _keyword_ways(
    shelf: Shelf,
    embedder: CachedMiniLM,
    topics: Sequence[str],
    evidence: Mapping[str, Mapping[int, WordEvidence]],
) -> dict[str, dict[str, set[int]]]:
    matched = await shelf.search.match_topics(topics, shelf.all)
    vectors = dict(zip(topics, await embedder.queries(topics), strict=True))
    earlier = {}
    for topic in topics:
        near = shelf.vectors.scores(vectors[topic].vector, evidence[topic])
        words = [evidence[topic][paper_id] for paper_id, _ in near]
        features = [
            (cosine, each.share, each.title_share, each.phrases > 0)
            for (_, cosine), each in zip(near, words, strict=True)
        ]
        guesses = _guesses(np.array(features, float).reshape(-1, 4), EARLIER)
        earlier[topic] = {
            paper_id
            for (paper_id, _), guess in zip(near, guesses, strict=True)
            if guess >= relevance.THRESHOLD
        }
    return {
        "the phrase": {
            word: {each for each, words in evidence[word].items() if words.phrases} for word in topics
        },
        "the phrase in the title": {
            word: {each for each, words in evidence[word].items() if words.titled_phrases} for word in topics
        },
        "earlier weights": earlier,
        "as it is done here": {
            word: {match.paper_id for match in each} for word, each in zip(topics, matched, strict=True)
        },
    }


def _scores(found: Sequence[set[int]], right: Sequence[set[int]]) -> Numbers:
    """Return precision, recall and F1 for each topic. The precision of nothing is nan."""
    rows = []
    for some, others in zip(found, right, strict=True):
        both = len(some & others)
        rows.append(
            (both / len(some) if some else np.nan, both / len(others), 2 * both / (len(some) + len(others)))
        )
    return np.array(rows)


async def _show(name: str, shelf: Shelf, topics: Iterable[str]) -> None:
    print(f"\n## {name}: {len(shelf.all):,} papers\n\n| topic | papers | the best |\n|---|---|---|")
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
    await _keywords(embedder)
    large, small = await _shelves(embedder)
    await _tell_judged(await _judged(large, embedder))
    for name, shelf in (("seed page", small), ("arXiv", large)):
        await _show(f"Everyday topics on the {name}", shelf, EVERYDAY)
        await _show(f"True topics on the {name}", shelf, TRUE_TOPICS)
    embedder.close()


if __name__ == "__main__":
    asyncio.run(main())
