"""Hugging Face Papers: what its community chose on a day, and single papers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from urllib.parse import quote, urlsplit

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import PaperDraft, SourceDay, SourceState
from bot.ports import Pace
from papers.formats.records import Unfit, draft
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Site

PACE = Pace(0.7)
"""Somewhat less than the 500 requests in 5 minutes that who has no token may make."""

_PAGE = 100
_MOST_PAGES = 50


class HuggingFace:
    """The source called `huggingface`."""

    name = "huggingface"

    def __init__(self, fetcher: Fetcher, base_url: str = "https://huggingface.co") -> None:
        self._fetcher = fetcher
        self._site = Site(self.name, base_url, PACE)

    async def listed_on(self, day: date) -> SourceDay:
        """Return the papers of a day's page; Saturdays and Sundays have none."""
        drafts: list[PaperDraft] = []
        left_out = 0
        try:
            async for answer in self._pages(day):
                found, unread = self._drafts(answer, day)
                drafts += found
                left_out += unread
        except SourceUnavailable as failure:
            state = SourceState.PARTIAL if drafts else SourceState.FAILED
            return SourceDay(tuple(drafts), state, failure.detail)
        return _day(drafts, left_out)

    async def lookup(self, identifier: Identifier) -> PaperDraft | None:
        """Return an arXiv paper as Hugging Face shows it, None where nobody has brought it there."""
        if identifier.scheme is not Scheme.ARXIV:
            return None
        answer = await self._fetcher.ask(self._site, f"/api/papers/{quote(identifier.value)}")
        if answer.status == 404:
            return None
        record = answer.json()
        if not isinstance(record, dict):
            raise SourceUnavailable(self.name, "its answer is no paper")
        try:
            return draft(record, self.name)
        except Unfit:
            return None

    async def _pages(self, day: date) -> AsyncIterator[Answer]:
        """Ask for a day's list, a hundred papers a page, following the addresses of the next pages."""
        answer = await self._fetcher.ask(
            self._site, "/api/daily_papers", {"date": day.isoformat(), "limit": _PAGE}
        )
        yield answer
        for _ in range(_MOST_PAGES):
            if answer.next_page is None:
                return
            if urlsplit(answer.next_page).netloc != urlsplit(self._site.base).netloc:
                raise SourceUnavailable(self.name, "its next page is on another host")
            answer = await self._fetcher.ask(self._site, answer.next_page)
            yield answer
        raise SourceUnavailable(self.name, f"it has more than {_MOST_PAGES} pages for one day")

    def _drafts(self, answer: Answer, day: date) -> tuple[list[PaperDraft], int]:
        """Read a page: its drafts, and how many entries are no whole papers."""
        rows = answer.json()
        if not isinstance(rows, list):
            raise SourceUnavailable(self.name, "its answer is no list of papers")
        drafts, left_out = list[PaperDraft](), 0
        for row in rows:
            try:
                drafts.append(replace(draft(row if isinstance(row, dict) else {}, self.name), listed=day))
            except Unfit:
                left_out += 1
        return drafts, left_out


def _day(drafts: list[PaperDraft], left_out: int) -> SourceDay:
    if left_out:
        detail = f"{left_out} of {left_out + len(drafts)} entries have no title or abstract"
        return SourceDay(tuple(drafts), SourceState.PARTIAL if drafts else SourceState.FAILED, detail)
    return SourceDay(tuple(drafts), SourceState.COMPLETE if drafts else SourceState.EMPTY)
