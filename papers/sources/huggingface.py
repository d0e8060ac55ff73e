"""Hugging Face Papers: what its community chose on a day, and single papers."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from urllib.parse import quote, urlsplit

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import PaperDraft, SourceDay, SourceState
from papers.formats.records import Unfit, draft
from papers.sources.http import Answer, PoliteClient

_PAGE = 100
_MOST_PAGES = 50


class HuggingFace:
    """The source called `huggingface`."""

    name = "huggingface"

    def __init__(self, client: PoliteClient, base_url: str = "https://huggingface.co") -> None:
        self._client = client
        self._base = base_url.rstrip("/")

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
        answer = await self._client.get(self.name, f"{self._base}/api/papers/{quote(identifier.value)}")
        if answer.status == 404:
            return None
        record = self._json(answer)
        if not isinstance(record, dict):
            raise SourceUnavailable(self.name, "its answer is no paper")
        try:
            return draft(record, self.name)
        except Unfit:
            return None

    async def _pages(self, day: date) -> AsyncIterator[Answer]:
        """Ask for a day's list, a hundred papers a page, following the addresses of the next pages."""
        url = f"{self._base}/api/daily_papers"
        answer = await self._client.get(self.name, url, {"date": day.isoformat(), "limit": _PAGE})
        yield answer
        for _ in range(_MOST_PAGES):
            if answer.next_page is None:
                return
            if urlsplit(answer.next_page).netloc != urlsplit(self._base).netloc:
                raise SourceUnavailable(self.name, "its next page is on another host")
            answer = await self._client.get(self.name, answer.next_page)
            yield answer
        raise SourceUnavailable(self.name, f"it has more than {_MOST_PAGES} pages for one day")

    def _drafts(self, answer: Answer, day: date) -> tuple[list[PaperDraft], int]:
        """Read a page: its drafts, and how many entries are no whole papers."""
        rows = self._json(answer)
        if not isinstance(rows, list):
            raise SourceUnavailable(self.name, "its answer is no list of papers")
        drafts, left_out = list[PaperDraft](), 0
        for row in rows:
            try:
                drafts.append(replace(draft(row if isinstance(row, dict) else {}, self.name), listed=day))
            except Unfit:
                left_out += 1
        return drafts, left_out

    def _json(self, answer: Answer) -> object:
        try:
            value = json.loads(answer.body)
        except (ValueError, RecursionError):
            value = None
        if answer.status != 200:
            said = value.get("error") if isinstance(value, dict) else None
            raise SourceUnavailable(self.name, f"it answered {answer.status}" + (f": {said}" if said else ""))
        return value


def _day(drafts: list[PaperDraft], left_out: int) -> SourceDay:
    if left_out:
        detail = f"{left_out} of {left_out + len(drafts)} entries have no title or abstract"
        return SourceDay(tuple(drafts), SourceState.PARTIAL if drafts else SourceState.FAILED, detail)
    return SourceDay(tuple(drafts), SourceState.COMPLETE if drafts else SourceState.EMPTY)
