"""Measure what citations bring to `related`: `python benchmarks/citations.py`.

The papers are citeulike-t's of ../shared: those that are linked by a citation and that most users keep. Right
for a paper are those that three of its users or more keep too. The set has each paper's words without their
order, so a text here is its words, the most frequent first. Encoded papers are kept under .cache/.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from vector_cache import SHARED, CachedMiniLM

from bot.commands import related
from bot.ports.store.citations import CitationLink
from papers.generations import Generation, Generations
from papers.search import HybridSearch
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from training import ranking

FOLDER = SHARED / "data" / "citeulike-t"
PAPERS = 4_000
USERS = 3
TITLE = 6
"""How many of the most frequent words stand for a title."""
WEIGHTS = ((0.0, 0.0), (0.1, 0.0), (0.1, 0.02), (0.2, 0.0), (0.2, 0.04), (0.2, 0.1), (0.4, 0.08))
"""What a citation counts, and each shared reference."""

Links = Mapping[int, Mapping[int, CitationLink]]


def _numbers(file: Path) -> list[list[int]]:
    """Read lines of numbers, each behind their count."""
    return [[int(each) for each in line.split()[1:]] for line in file.read_text().splitlines()]


def _chosen(references: Sequence[Iterable[int]], libraries: Sequence[Iterable[int]]) -> list[int]:
    keepers = Counter(chain(*libraries))
    linked = {place for place, cited in enumerate(references) if cited} | set(chain(*references))
    return sorted(linked, key=lambda place: (-keepers[place], place))[:PAPERS]


def _texts(chosen: Sequence[int]) -> list[tuple[str, str]]:
    vocabulary = (FOLDER / "vocabulary.dat").read_text(encoding="utf-8").split()
    bags = (FOLDER / "mult.dat").read_text().splitlines()
    texts = []
    for place in chosen:
        counts = [tuple(map(int, each.split(":"))) for each in bags[place].split()[1:]]
        words = [vocabulary[word] for word, _ in sorted(counts, key=lambda each: -each[1])]
        texts.append((" ".join(words[:TITLE]), " ".join(words)))
    return texts


def _links(chosen: Sequence[int], references: Sequence[Sequence[int]]) -> Links:
    """Return by paper how others are linked to it. References count that are not among the chosen ones."""
    numbers = {place: number for number, place in enumerate(chosen, 1)}
    citing: defaultdict[int, list[int]] = defaultdict(list)
    for place in chosen:
        for cited in references[place]:
            citing[cited].append(numbers[place])
    links = {}
    for place, number in numbers.items():
        shared = Counter(chain(*(citing[cited] for cited in references[place])))
        cited = {numbers[each] for each in references[place] if each in numbers}
        others = {*shared, *cited, *citing[place]} - {number}
        links[number] = {
            other: CitationLink(other in citing[place], other in cited, shared[other]) for other in others
        }
    return links


def _right(chosen: Sequence[int], libraries: Sequence[Sequence[int]]) -> dict[int, dict[int, int]]:
    numbers = {place: number for number, place in enumerate(chosen, 1)}
    together: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for library in libraries:
        kept = [numbers[place] for place in library if place in numbers]
        for number in kept:
            together[number].update(kept)
    found = {
        number: {other: 1 for other, users in counts.items() if users >= USERS and other != number}
        for number, counts in together.items()
    }
    return {number: right for number, right in sorted(found.items()) if right}


async def _search(texts: Sequence[tuple[str, str]]) -> HybridSearch:
    embedder = CachedMiniLM()
    full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions)
    await full_text.put((number, *text) for number, text in enumerate(texts, 1))
    for number, packed in enumerate(await embedder.papers(texts), 1):
        vectors.add({str(number): unpack(packed, embedder.dimensions, embedder.word_dimensions)})
        vectors.put({number: str(number)})
    embedder.close()
    return HybridSearch(Generations(Generation(embedder, vectors)), full_text)


async def main() -> None:
    """Print the table."""
    references, libraries = _numbers(FOLDER / "citations.dat"), _numbers(FOLDER / "users.dat")
    chosen = _chosen(references, libraries)
    links, right = _links(chosen, references), _right(chosen, libraries)
    search = await _search(_texts(chosen))
    near = {number: await search.related(number, related.CANDIDATES) for number in right}
    print(f"{len(right):,} of {len(chosen):,} papers\n")
    print("| a citation counts | a shared reference | nDCG@10 | R@10 | beside none |\n|---|---|---|---|---|")
    none: ranking.Measured | None = None
    ours = related.LINKED, related.SHARED_REFERENCE
    for weights in WEIGHTS:
        related.LINKED, related.SHARED_REFERENCE = weights
        ranked = []
        for number, matches in near.items():
            scores = {
                each.paper_id: each.score + related._closer(links[number].get(each.paper_id))  # noqa: SLF001
                for each in matches
            }
            ranked.append(sorted(scores, key=lambda each: (-scores[each], each)))
        found = ranking.measured(ranked, list(right.values()))
        none = found if none is None else none
        gain = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*ranking.interval(found.ndcg, none.ndcg))
        name = f"{weights[0]}{', as it is done here' if weights == ours else ''}"
        print(
            f"| {name} | {weights[1]} | {found.means()[0]:.3f} | {found.means()[1]:.3f} | {gain} |",
            flush=True,
        )
    related.LINKED, related.SHARED_REFERENCE = ours


if __name__ == "__main__":
    asyncio.run(main())
