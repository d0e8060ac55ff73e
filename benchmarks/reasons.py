"""Measure the words that `related` gives as reasons: `python benchmarks/reasons.py`.

Each of 300 papers with authors' keywords is compared with the five that are nearest by words. A reason is
counted as right if it is part of a keyword of one of the two papers, or contains one. Each rule is left out
in turn; the 95 % intervals are paired over the 300 papers.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from vector_cache import SHARED

from storage.index import shared_words
from storage.index.full_text import FullTextIndex
from training import ranking
from training.texts import Paper, papers

QUERIES = 300
NEAREST = 5
WITHOUT: Mapping[str, Mapping[str, float]] = {
    "as it is done here": {},
    "words of 10 % of the papers too": {"COMMON_WORD": 0.1},
    "words said once too": {"OFTEN": 1},
    "phrases alone": {"COMMON_WORD": 0},
    "both kinds of words, as it was done before": {"COMMON_WORD": 0.1, "OFTEN": 1, "COMMON_PHRASE": 1},
}


async def _right(index: FullTextIndex, one: Paper, others: Sequence[Paper]) -> list[list[bool]]:
    """Return for each pair which of its reasons are right."""

    def within(part: str, whole: str) -> bool:
        return len(index.words_found(whole, part)) == len(index.words_found(part, part))

    def names(reason: str, other: Paper) -> bool:
        keywords = one.keywords | other.keywords
        return any(within(reason, each) or within(each, reason) for each in keywords)

    found = await index.shared_words(
        (one.title, one.abstract), [(each.title, each.abstract) for each in others]
    )
    return [
        [names(reason, other) for reason in reasons] for other, reasons in zip(others, found, strict=True)
    ]


async def main() -> None:
    """Print the table."""
    known = [each for each in papers(SHARED / "data") if each.keywords]
    index = FullTextIndex()
    await index.put((number, each.title, each.abstract) for number, each in enumerate(known))
    chosen = random.Random(3).sample(range(len(known)), QUERIES)
    near = {one: [other for other, _ in await index.like(one, NEAREST)] for one in chosen}
    print(f"{QUERIES} of {len(known):,} papers, each with the {NEAREST} nearest by words\n")
    print("| reasons | of a pair | pairs with any | names a keyword | beside the first row | ms for five |")
    print("|---|---|---|---|---|---|")
    first: ranking.Floats | None = None
    for name, constants in WITHOUT.items():
        before = {each: getattr(shared_words, each) for each in constants}
        for each, value in constants.items():
            setattr(shared_words, each, value)
        start = time.perf_counter()
        pages = [
            await _right(index, known[one], [known[each] for each in others]) for one, others in near.items()
        ]
        milliseconds = 1000 * (time.perf_counter() - start) / QUERIES
        for each, value in before.items():
            setattr(shared_words, each, value)
        pairs = [*chain(*pages)]
        shares = np.array([np.mean([*chain(*page)] or [0.0]) for page in pages])
        first = shares if first is None else first
        low_high = "{:+.3f} [{:+.3f}, {:+.3f}]".format(*ranking.interval(shares, first))
        print(
            f"| {name} | {sum(map(len, pairs)) / len(pairs):.2f} | {sum(map(bool, pairs)) / len(pairs):.2f} "
            f"| {shares.mean():.3f} | {low_high} | {milliseconds:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main())
