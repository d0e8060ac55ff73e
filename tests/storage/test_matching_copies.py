"""A channel that has one copy of a paper is not sent the other, whichever channels are planned before it."""

from collections.abc import Collection, Sequence
from datetime import time

from bot.domain.paper import Match
from bot.domain.subscription import Slot, SubscriptionSpec
from bot.posting.matcher import TopicMatcher, TopicQuery
from storage.sql.store import SqlStore
from tests.storage.making import NOW, TODAY, arrive, arxiv, doi, draft, plan, put_paper


class OnePaper:
    """A search that finds one paper for every topic, which is a copy of another."""

    def __init__(self, found: int, copy: int) -> None:
        self._found = found
        self._both = {found, copy}

    async def match_topics(self, topics: Sequence[str], among: frozenset[int]) -> list[list[Match]]:
        return [[Match(self._found, 0.9)] if self._found in among else [] for _ in topics]

    async def near_copies(
        self, paper_ids: Collection[int], among: Collection[int], least: float
    ) -> list[tuple[int, int, float]]:
        assert least < 0.99
        both = self._both <= {*paper_ids, *among} and self._both & set(paper_ids)
        return [(min(self._both), max(self._both), 0.99)] if both else []


async def test_what_a_later_channel_was_sent_is_compared_too(store: SqlStore) -> None:
    async with store.writing() as tx:
        first, second = await arrive(tx, channel="general"), await arrive(tx, channel="random")
        preprint, _ = await put_paper(tx, draft("One Zebra", arxiv("2601.00001"), authors=("Ann Lee",)), NOW)
        journal, _ = await put_paper(tx, draft("Two Zebras", doi("10.1000/zebra"), authors=("Ann Lee",)), NOW)
        assert await plan(tx, second, preprint)
    spec = SubscriptionSpec("zebras", slot=Slot(time(9), "UTC"))
    matcher = TopicMatcher(store, OnePaper(journal, preprint), TODAY)  # type: ignore[arg-type]  # all it asks
    ((for_first,),) = await matcher.match([TopicQuery(first.channel, spec)])
    assert for_first.paper_id in {preprint, journal}
    assert await matcher.match([TopicQuery(second.channel, spec)]) == [[]]
