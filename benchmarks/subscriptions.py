"""Measure matching with subscriptions: `python benchmarks/subscriptions.py [PAPERS [SUBSCRIPTIONS]]`.

The papers are ../shared's from arXiv in a store of many more. The topics are taken from their titles, two or
three words each; a few are far more popular than the rest. All topics are matched in one pass, and then some
of them each by itself, as often as all would be; both must find the same. Then the matcher gives each
subscription its papers, without repetitions.
Papers that benchmarks/vector_cache.py has not encoded borrow another's vectors, which costs the same time.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from datetime import time as local
from pathlib import Path

from vector_cache import OnlyKept, arxiv

from adapters.slack import SLACK
from app.clock import SystemClock
from bot.domain.channel import Channel
from bot.domain.paper import PaperDraft
from bot.domain.subscription import Slot, SubscriptionSpec
from bot.posting.matcher import TopicMatcher, TopicQuery
from papers.generations import Generation, Generations
from papers.library import PaperLibrary
from papers.search import HybridSearch
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex
from storage.shared.wakeup import LocalWakeup
from storage.sql.migrations import migrate
from storage.sql.store import SqlStore

PAPERS = 1_000
SUBSCRIPTIONS = 10_000
ALL_PAPERS = 5_000
DIFFERENT = (2_000, 10_000)
ALONE = 200
"""Topics that are matched each by itself. The time is scaled to all of them."""
NINE = Slot(local(9), "UTC")
DAY = date(2026, 9, 21)
EARLIER = date(2026, 1, 1)


def _topics(drafts: Sequence[PaperDraft], count: int) -> list[str]:
    """Words two to four of titles, as people name topics in two or three words."""
    titles = (each.title.split() for each in drafts)
    named = (" ".join(title[1 : 3 + len(title) % 2]).strip(":,.") for title in titles if len(title) > 4)
    return list(dict.fromkeys(named))[:count]


async def _matched(search: HybridSearch, topics: Sequence[str], new: frozenset[int]) -> str:
    """Match the topics in one pass, the same once more, and some each by itself."""
    start = time.perf_counter()
    found = await search.match_topics(topics, new)
    first = time.perf_counter() - start
    await search.match_topics(topics, new)
    again = time.perf_counter() - start - first
    sample = range(0, len(topics), len(topics) // ALONE)
    start = time.perf_counter()
    each = [await search.match_topic(topics[place], new) for place in sample]
    one_by_one = (time.perf_counter() - start) / len(sample) * len(topics)
    # Scores differ in the last digits: a product of one row adds up in another order.
    assert [{match.paper_id for match in one} for one in each] == [
        {match.paper_id for match in found[place]} for place in sample
    ]
    papers = sum(map(len, found))
    return f"{first:.1f} | {again:.1f} | {one_by_one:.1f} | {one_by_one / again:.0f} | {papers:,}"


async def _distributed(store: SqlStore, search: HybridSearch, topics: Sequence[str], count: int) -> float:
    """Give each subscription its papers. The first topic is wanted most, the second half as often."""
    weights = [1 / place for place in range(1, len(topics) + 1)]
    wanted = random.Random(1).choices(topics, weights, k=count)
    queries = [
        TopicQuery(Channel(number, 1, SLACK, "workspace", str(number), "here"), SubscriptionSpec(topic, NINE))
        for number, topic in enumerate(wanted, 1)
    ]
    start = time.perf_counter()
    await TopicMatcher(store, search, DAY).match(queries)
    return time.perf_counter() - start


async def main(papers: int, subscriptions: int) -> None:
    """Print the table."""
    embedder = OnlyKept()
    known, others = list(arxiv(ALL_PAPERS)), list(arxiv(ALL_PAPERS + 2 * max(DIFFERENT)))[ALL_PAPERS:]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'papers.db'}"
        await migrate(url)
        store = SqlStore(url)
        full_text, vectors = FullTextIndex(), VectorIndex(embedder.dimensions)
        generations = Generations(Generation(embedder, vectors))
        library = PaperLibrary(store, generations, full_text, clock=SystemClock(), wakeup=LocalWakeup())
        report = await library.add(
            replace(draft, listed=DAY if number < papers else EARLIER) for number, draft in enumerate(known)
        )
        new = frozenset(paper_id for paper_id, _ in report.stored[:papers])
        search = HybridSearch(generations, full_text)
        await embedder.queries(["warm"])
        print(
            f"{len(new):,} new of {len(full_text):,} papers; {embedder.borrowed:,} have another's vectors\n"
        )
        heads = ["topics", "one pass, s", "the same again, s", "topic by topic, s", "ratio", "matches"]
        print(f"| {' | '.join([*heads, f'{subscriptions:,} subscriptions, s'])} |\n|{'---|' * 7}")
        for count in DIFFERENT:
            topics = _topics(others, count)
            line = await _matched(search, topics, new)
            seconds = await _distributed(store, search, topics, subscriptions)
            print(f"| {len(topics):,} | {line} | {seconds:.1f} |", flush=True)
        await store.close()
    embedder.close()


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*given, *(PAPERS, SUBSCRIPTIONS)[len(given) :]))
