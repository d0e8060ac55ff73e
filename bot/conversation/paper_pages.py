"""Loads pages of papers. Requests that arrive at the same time share one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation.batching import Batcher
from bot.domain.history import ResultList
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus
from bot.ports.store.store import Store

OPENED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to load: its papers, the reader and channel, and the list to store if it is new."""

    paper_ids: Sequence[int]
    channel_id: int
    team_id: int
    person_id: int | None
    result_list: ResultList | None
    with_status: bool = True
    """Whether the papers' status in the channel is wanted."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page's papers, without those that are gone, and each one's status for the reader if it was wanted."""

    papers: Mapping[int, Paper]
    status: Mapping[int, PaperStatus]


class PageOpener:
    """Stores new lists and loads their pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._batched = Batcher(self._open_all, OPENED_AT_ONCE)

    async def open(self, request: PageRequest) -> PageContent:
        """Load one page, in one transaction with other pages requested at the same time."""
        return await self._batched(request)

    async def _open_all(self, requests: Sequence[PageRequest]) -> list[PageContent]:
        async with self._store.reading() as tx:
            papers = await tx.papers.get_for_each([(page.paper_ids, page.team_id) for page in requests])
            statuses = iter(
                await tx.paper_statuses.get_for_each(
                    [
                        (page.channel_id, page.paper_ids, page.person_id)
                        for page in requests
                        if page.with_status
                    ]
                )
            )
        if result_lists := [page.result_list for page in requests if page.result_list is not None]:
            async with self._store.writing() as tx:
                await tx.result_lists.put(*result_lists)
        return [
            PageContent(found, next(statuses) if page.with_status else {})
            for page, found in zip(requests, papers, strict=True)
        ]
