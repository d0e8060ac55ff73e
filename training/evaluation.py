"""Measures ways to search on all collections in one run, and chooses the strength of the differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training import ranking
from training.encoder import Encoder, Tokens, encoded_words
from training.ranking import Floats, Hits, Measured, Ranked
from training.texts import Collection, collection, kept_claims, keyword_collection, other_claims, papers

STRENGTHS = (0.25, 0.5, 0.75, 1.0)
AS_GOOD = 0.005
"""Means of nDCG@10 this near to each other are as good."""
ALLOWED_LOSS = 0.01
"""How much nDCG@10 the differences may cost among related papers by vectors alone."""
NEIGHBOURS = 10

CLAIMS, ITEMS, RELATED = "claims", "tldr-dev", "related"
UNSEEN = "claims with unseen papers"

WORDS = "BM25"
MINILM = "MiniLM"
FUSION = "rank fusion"
PROGRAM = "the program's search"
MINILM_WEIGHED = "MiniLM and BM25, weighed"
DENSE = "our vectors"
WEIGHED = "our vectors and BM25, weighed"
RERANKED = "the same, reranked by words"
BEFORE = (WORDS, MINILM, FUSION, PROGRAM, MINILM_WEIGHED)

Table: TypeAlias = dict[str, dict[str, Measured]]
"""Measures by way and collection."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A collection with its texts as tokens and what BM25 finds."""

    collection: Collection
    texts: Tokens
    queries: Tokens
    words: list[Hits]

    @property
    def name(self) -> str:
        """The collection's name."""
        return self.collection.name


def collections(data: Path) -> list[Collection]:
    """Read what is measured. None of its queries is ever trained on."""
    return [
        kept_claims(collection(data / "scifact")),
        collection(data / "cacm"),
        collection(data / "tldr-dev"),
        keyword_collection(papers(data)),
    ]


def unseen(claims: Collection) -> list[int]:
    """Return the places of those kept claims that share no paper with a claim that is trained on."""
    seen = {place for relevant in other_claims(claims).relevant for place in relevant}
    return [place for place, right in enumerate(kept_claims(claims).relevant) if not seen & right.keys()]


def prepared(found: Sequence[Collection], tokenizer: Tokenizer) -> list[Prepared]:
    """Tokenize collections and search them by word."""
    return [
        Prepared(
            each,
            Tokens(tokenizer, [paper.text for paper in each.papers]),
            Tokens(tokenizer, each.queries),
            ranking.by_words(each),
        )
        for each in found
    ]


class Vectors:
    """A collection in one encoder's vectors."""

    def __init__(self, encoder: Encoder, of: Prepared) -> None:
        self.texts, self._words = encoded_words(encoder, of.texts)
        queries, self._query_words = encoded_words(encoder, of.queries)
        self.cosines: Floats = (queries @ self.texts.T).cpu().double().numpy()
        self.meaning = ranking.by_meaning(of.collection, self.cosines)

    @torch.inference_mode()
    def late(self, query: int, places: Ranked) -> dict[int, float]:
        """Return for some papers the mean of the query's words' greatest cosines."""
        words = self._query_words[query]
        words = words[words.abs().sum(-1) > 0]
        if not len(words) or not places:
            return dict.fromkeys(places, 0.0)
        greatest = (self._words[torch.tensor(places, device=words.device)] @ words.T).amax(1).float()
        return dict(zip(places, greatest.mean(1).tolist(), strict=True))

    def neighbours(self) -> NDArray[np.int64]:
        """Return each paper's nearest papers, itself among them."""
        count = min(NEIGHBOURS + 1, len(self.texts))
        found = [(part @ self.texts.T).topk(count).indices.cpu() for part in torch.split(self.texts, 1024)]
        return torch.cat(found).numpy()


def before(encoder: Encoder, sets: Sequence[Prepared]) -> Table:
    """Measure what there was before, with the base model alone."""
    found: Table = {way: {} for way in BEFORE}
    with encoder.at(0):
        for each in sets:
            for way, ranked in _earlier_ways(each, Vectors(encoder, each)).items():
                found[way][each.name] = ranking.measured(ranked, each.collection.relevant)
    return found


def _earlier_ways(of: Prepared, base: Vectors) -> dict[str, list[Ranked]]:
    both = list(zip(of.words, base.meaning, base.cosines, strict=True))
    return {
        WORDS: [ranking.places(hits) for hits in of.words],
        MINILM: [ranking.places(hits) for hits in base.meaning],
        FUSION: [ranking.reciprocal(words, meaning) for words, meaning, _ in both],
        PROGRAM: [ranking.as_before(*each) for each in both],
        MINILM_WEIGHED: [ranking.weighed(*each) for each in both],
    }


def ours(of: Prepared, vectors: Vectors) -> dict[str, Measured]:
    """Measure what an encoder brings, stage by stage."""
    found = [ranking.weighed(*each) for each in zip(of.words, vectors.meaning, vectors.cosines, strict=True)]
    last = [
        ranking.reranked(best, of.words[query], vectors.cosines[query], vectors.late(query, best))
        for query, best in enumerate(found)
    ]
    ways = {
        DENSE: [ranking.places(each) for each in vectors.meaning],
        WEIGHED: found,
        RERANKED: last,
    }
    return {name: ranking.measured(ranked, of.collection.relevant) for name, ranked in ways.items()}


def chosen_strength(encoder: Encoder, sets: Sequence[Prepared], earlier: Table) -> tuple[float, str]:
    """Choose on queries of both kinds, and return the table that shows the choice.

    What counts is the mean of the kept claims and the known items. The weakest strength that is as good as
    the best one wins, among those that lose little among related papers by vectors alone. If all of them
    lose more, it is the weakest.
    """
    lines = ["| strength | claims | known items | related, by vectors alone |", "|---|---|---|---|"]
    least = earlier[MINILM][RELATED].means()[0]
    lines.append(f"| 0 | {_best(earlier, CLAIMS)} | {_best(earlier, ITEMS)} | {least:.3f} |")
    gains: dict[float, tuple[float, float]] = {}
    for strength in STRENGTHS:
        with encoder.at(strength):
            found = {each.name: ours(each, Vectors(encoder, each)) for each in sets}
        claims, items = (found[name][RERANKED].means()[0] for name in (CLAIMS, ITEMS))
        related = found[RELATED][DENSE].means()[0]
        gains[strength] = (claims + items) / 2, related - least
        lines.append(f"| {strength} | {claims:.3f} | {items:.3f} | {related:.3f} |")
    return weakest_as_good(gains), "\n".join(lines)


def weakest_as_good(gains: Mapping[float, tuple[float, float]]) -> float:
    """Choose by what each strength reaches in search, and what it changes among related papers."""
    allowed = {each: search for each, (search, related) in gains.items() if related >= -ALLOWED_LOSS}
    best = max(allowed.values(), default=0.0)
    return min((each for each, search in allowed.items() if search >= best - AS_GOOD), default=min(gains))


def _best(earlier: Table, name: str) -> str:
    return f"{earlier[PROGRAM][name].means()[0]:.3f}"


def report(encoder: Encoder, sets: Sequence[Prepared], earlier: Table, new: Sequence[int]) -> str:
    """Measure the encoder as it is, and draw everything beside what there was before.

    `new` are the places of the kept claims whose papers no other claim has shown to training.
    """
    vectors = {each.name: Vectors(encoder, each) for each in sets}
    found: Table = {way: dict(each) for way, each in earlier.items()}
    for each in sets:
        for way, figures in ours(each, vectors[each.name]).items():
            found.setdefault(way, {})[each.name] = figures
    for by_name in found.values():
        by_name[UNSEEN] = by_name[CLAIMS].part(new)
    kept = ", ".join(
        f"{share:.2f} of {each.name}" for each, share in zip(sets, _kept(encoder, sets, vectors), strict=True)
    )
    parts = [
        *(_table(found, name) for name in [CLAIMS, UNSEEN, *(each.name for each in sets[1:])]),
        _intervals(found, RERANKED, (PROGRAM, FUSION, WEIGHED)),
        _intervals(found, DENSE, (MINILM,)),
        f"Of each paper's {NEIGHBOURS} nearest papers these stay: {kept}.",
    ]
    return "\n\n".join(parts)


def _kept(encoder: Encoder, sets: Sequence[Prepared], vectors: Mapping[str, Vectors]) -> list[float]:
    shares = []
    for each in sets:
        now = vectors[each.name].neighbours()
        with encoder.at(0):
            then = Vectors(encoder, each).neighbours()
        same = [len({*a} & {*b} - {place}) for place, (a, b) in enumerate(zip(now, then, strict=True))]
        shares.append(float(np.mean(same)) / max(1, now.shape[1] - 1))
    return shares


def _table(found: Table, name: str) -> str:
    queries = len(found[PROGRAM][name].ndcg)
    lines = [f"| {name}, {queries:,} queries | nDCG@10 | R@10 | R@100 |", "|---|---|---|---|"]
    for way, each in found.items():
        lines.append(f"| {way} | {' | '.join(f'{figure:.3f}' for figure in each[name].means())} |")
    return "\n".join(lines)


def _intervals(found: Table, better: str, others: Sequence[str]) -> str:
    """Draw the paired differences of one way to others, with their 95 % intervals."""
    names = list(found[better])
    lines = [f"| {better}, beside | {' | '.join(names)} |", "|---" * (1 + len(names)) + "|"]
    for other in others:
        figures = [ranking.interval(found[better][name].ndcg, found[other][name].ndcg) for name in names]
        told = " | ".join(f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]" for mean, low, high in figures)
        lines.append(f"| {other} | {told} |")
    return "\n".join(lines)
