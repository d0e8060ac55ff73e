"""Hugging Face Papers: what its community chose on a day, what it likes now, and single papers."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import quote, urlsplit

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay
from bot.ports.coordination import Pace
from papers.formats.records import drafts
from papers.sources.days import day_of
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Parameters, Site
from papers.sources.titles import having_title

NAME = "huggingface"
PACE = Pace(0.7)
"""Somewhat less than the 500 requests in 5 minutes that who has no token may make."""

_PAGE = 100
_MOST_PAGES = 50
_LONGEST_QUERY = 250
_MOST_FOUND = 120


class HuggingFace:
    """The feed, archive and catalogue called `huggingface`."""

    name = NAME
    reach = None
    settles = 2
    daily = True

    def __init__(self, fetcher: Fetcher, base_url: str = "https://huggingface.co", token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE, headers)

    async def listed_on(self, day: date) -> SourceDay:
        """Return the papers of a day's page; Saturdays and Sundays have none."""
        listed = await self._listed({"date": day.isoformat()})
        return replace(listed, drafts=tuple(replace(each, listed=day) for each in listed.drafts))

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """Return the papers of a week's page, from Monday to Sunday, or of a month's."""
        year, week, _ = first.isocalendar()
        if last - first == timedelta(days=6):
            return await self._listed({"week": f"{year}-W{week:02}"})
        return await self._listed({"month": f"{first:%Y-%m}"})

    async def trending(self) -> SourceDay:
        """Return what is liked most now, whatever its day, with the up-votes of now."""
        return await self._listed({"sort": "trending"})

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Return what its own search finds."""
        query = words if len(words) <= _LONGEST_QUERY else words[:_LONGEST_QUERY].rpartition(" ")[0]
        asked: Parameters = {"q": query, "limit": min(limit, _MOST_FOUND)}
        answer = await self._fetcher.ask(self._site, "/api/papers/search", asked)
        return (await asyncio.to_thread(_read, answer))[0]

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return arXiv papers as Hugging Face shows them, one request each."""
        asked = [await self._paper(each) for each in identifiers if each.scheme is Scheme.ARXIV]
        return [paper for paper in asked if paper is not None]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper that has just this title."""
        return having_title(title, await self.search(title, 10))

    async def _paper(self, identifier: Identifier) -> PaperDraft | None:
        answer = await self._fetcher.ask(self._site, f"/api/papers/{quote(identifier.value)}")
        if answer.status == 404:
            return None
        record = answer.json()
        if not isinstance(record, dict):
            raise SourceUnavailable(NAME, "its answer is no paper")
        return next((paper for paper in drafts([record], NAME) if identifier in paper.identifiers), None)

    async def _listed(self, which: Mapping[str, str]) -> SourceDay:
        found: list[PaperDraft] = []
        left_out = 0
        try:
            async for answer in self._pages(which):
                whole, unread = await asyncio.to_thread(_read, answer)
                found += whole
                left_out += unread
        except SourceUnavailable as failure:
            return day_of(found, failure.detail)
        total = len(found) + left_out
        return day_of(found, f"{left_out} of {total} entries have no title or abstract" if left_out else "")

    async def _pages(self, which: Mapping[str, str]) -> AsyncIterator[Answer]:
        """Ask for a list, a hundred papers a page, following the addresses of the next pages."""
        answer = await self._fetcher.ask(self._site, "/api/daily_papers", {**which, "limit": _PAGE})
        yield answer
        for _ in range(_MOST_PAGES):
            if answer.next_page is None:
                return
            if _netloc(answer.next_page) != _netloc(self._site.base):
                raise SourceUnavailable(NAME, "its next page is on another host")
            answer = await self._fetcher.ask(self._site, answer.next_page)
            yield answer
        raise SourceUnavailable(NAME, f"its list has more than {_MOST_PAGES} pages")


def _netloc(address: str) -> str | None:
    """Give an address's host and port; None where it cannot be read."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


class HuggingFaceTrending:
    """The feed called `huggingface_trending`: today's up-votes of papers of any day."""

    name = "huggingface_trending"
    reach = 0
    settles = 0
    daily = False

    def __init__(self, source: HuggingFace) -> None:
        self._source = source

    async def listed_on(self, day: date) -> SourceDay:
        """Return what is liked most today; of another day it tells nothing."""
        del day
        return await self._source.trending()


def _read(answer: Answer) -> tuple[list[PaperDraft], int]:
    """Read a page: its drafts, and how many entries are no whole papers."""
    rows = answer.json()
    if not isinstance(rows, list):
        raise SourceUnavailable(NAME, "its answer is no list of papers")
    whole = drafts(rows, NAME)
    return whole, len(rows) - len(whole)
