"""Opening pages of papers: those that are asked for at the same time are one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation.batching import Batcher
from bot.domain.history import ResultList
from bot.domain.paper import Paper
from bot.domain.vote import PaperStatus
from bot.ports.store.store import Store

OPENED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page: its papers, who looks at them where, and the list to keep where it is a new one."""

    paper_ids: Sequence[int]
    channel_id: int
    team_id: int
    person_id: int | None
    result_list: ResultList | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A page's papers, as many as there still are, and what the reader may see beside them."""

    papers: Mapping[int, Paper]
    status: Mapping[int, PaperStatus]


class PageOpener:
    """Keeps new lists and reads what stands on their pages."""

    def __init__(self, store: Store) -> None:
        """Take the store to read from."""
        self._store = store
        self._batched = Batcher(self._open_all, OPENED_AT_ONCE)

    async def open(self, wanted: Wanted) -> Opened:
        """Open one page, together with whatever others are waited for."""
        return await self._batched(wanted)

    async def _open_all(self, wanted: Sequence[Wanted]) -> list[Opened]:
        async with self._store.reading() as tx:
            papers = await tx.papers.get_for_each([(page.paper_ids, page.team_id) for page in wanted])
            status = await tx.paper_statuses.get_for_each(
                [(page.channel_id, page.paper_ids, page.person_id) for page in wanted]
            )
        if result_lists := [page.result_list for page in wanted if page.result_list is not None]:
            async with self._store.writing() as tx:
                await tx.result_lists.put(*result_lists)
        return [Opened(*page) for page in zip(papers, status, strict=True)]
