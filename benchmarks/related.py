"""Measure `related`: `python benchmarks/related.py`.

Two sets of papers as queries. *Keywords*: papers with authors' keywords that training never saw; right are
those that share two keywords or more. *Questions*: CACM's papers with an abstract; right are those that
answer one of the same questions. Each way to find related papers is measured on both, with the paired 95 %
interval of its nDCG@10 beside vectors alone. Encoded papers are kept under .cache/.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vector_cache import SHARED, CachedBareMiniLM, CachedMiniLM

from papers import search
from papers.generations import Generation, Generations
from papers.search import HybridSearch
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from training import ranking
from training.texts import Collection, collection, keyword_collection, papers

DATA = SHARED / "data"
DEPTH = 100
BASE = "vectors alone"
WEIGHTS = (1.0, 2.0, 3.0, 6.0, 12.0)
"""What the cosine weighs beside BM25."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A collection in the product's indexes; its papers are called by their places, plus one."""

    collection: Collection
    full_text: FullTextIndex
    vectors: VectorIndex
    search: HybridSearch


Find = Callable[[Indexed, int], Awaitable[list[int]]]


async def _indexed(of: Collection, embedder: CachedMiniLM) -> Indexed:
    full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions)
    await full_text.put((place, each.title, each.abstract) for place, each in enumerate(of.papers, 1))
    packed = await embedder.papers([(each.title, each.abstract) for each in of.papers])
    for place, each in enumerate(packed, 1):
        vectors.add({str(place): unpack(each, embedder.dimensions, embedder.word_dimensions)})
        vectors.put({place: str(place)})
    return Indexed(
        of, full_text, vectors, HybridSearch(Generations(Generation(embedder, vectors)), full_text)
    )


def _questions() -> Collection:
    """Make papers queries: those that answer the same question are right."""
    cacm = collection(DATA / "cacm")
    right: defaultdict[int, set[int]] = defaultdict(set)
    for answers in cacm.relevant:
        for place in answers:
            if cacm.papers[place].abstract:
                right[place] |= answers.keys() - {place}
    own = [place for place in sorted(right) if right[place]]
    texts = cacm.papers
    relevant = [dict.fromkeys(right[place], 1) for place in own]
    return Collection("questions", texts, [texts[place].text for place in own], relevant, own)


async def _by_word(of: Indexed, paper_id: int) -> list[int]:
    return [each for each, _ in await of.full_text.like(paper_id, DEPTH)]


async def _by_meaning(of: Indexed, paper_id: int) -> list[int]:
    vector = of.vectors.vector(paper_id)
    assert vector is not None
    nearest = await of.vectors.nearest(vector, DEPTH + 1)
    return [each for each, _ in nearest if each != paper_id][:DEPTH]


async def _related(of: Indexed, paper_id: int) -> list[int]:
    return [match.paper_id for match in await of.search.related(paper_id, DEPTH)]


async def _measured(of: Indexed, find: Find) -> ranking.Measured:
    ranked = [[each - 1 for each in await find(of, own + 1)] for own in of.collection.own]
    return ranking.measured(ranked, of.collection.relevant)


async def _ways(of: Indexed, bare: Indexed) -> dict[str, ranking.Measured]:
    found = {
        BASE: await _measured(of, _by_meaning),
        "the vectors of MiniLM as it comes": await _measured(bare, _by_meaning),
        "words alone": await _measured(of, _by_word),
    }
    ours = search.RELATED_COSINE
    for weight in WEIGHTS:
        search.RELATED_COSINE = weight
        name = f"words and {weight:.0f} times the cosine{', as it is done here' if weight == ours else ''}"
        found[name] = await _measured(of, _related)
    search.RELATED_COSINE = ours
    return found


async def main() -> None:
    """Print a table for each collection."""
    embedder, bare = CachedMiniLM(), CachedBareMiniLM()
    for of in (keyword_collection(papers(DATA)), _questions()):
        indexed = await _indexed(of, embedder)
        print(f"\n## {of.name}: {len(of.queries):,} of {len(of.papers):,} papers, {embedder.name}\n")
        print("| way | nDCG@10 | R@10 | R@100 | beside vectors alone |\n|---|---|---|---|---|")
        ways = await _ways(indexed, await _indexed(of, bare))
        for name, measured in ways.items():
            figures = " | ".join(f"{each:.3f}" for each in measured.means())
            gain = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*ranking.interval(measured.ndcg, ways[BASE].ndcg))
            print(f"| {name} | {figures} | {gain} |", flush=True)
    embedder.close()
    bare.close()


if __name__ == "__main__":
    asyncio.run(main())
