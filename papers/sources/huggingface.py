"""Hugging Face Papers: the community's choice of a day, what is trending, and single papers."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import quote, urlsplit

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay, SourceInfo
from bot.ports.coordination import Pace
from papers.formats.records import drafts
from papers.sources.days import day_of
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Parameters, Response, Site
from papers.sources.titles import with_title

NAME = "huggingface"
PACE = Pace(0.7)
"""Slightly below the limit without a token: 500 requests in 5 minutes."""

_PAGE = 100
_MOST_PAGES = 50
_LONGEST_QUERY = 250
"""Characters of the longest query that its search accepts."""
_MOST_FOUND = 120
"""Most results that one search can return."""


class HuggingFace:
    """The feed, archive and catalogue `huggingface`."""

    info = SourceInfo(
        NAME, "Hugging Face", 20, field_precedence={"standing": 4}, identifies=True, exact_days=True
    )
    name = NAME
    reach = None
    settles = 2
    daily = True

    def __init__(self, fetcher: Fetcher, base_url: str = "https://huggingface.co", token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE, headers)

    async def listed_on(self, day: date) -> SourceDay:
        """Return the papers on a day's page. Saturdays and Sundays have none."""
        listed = await self._listed({"date": day.isoformat()})
        return replace(listed, drafts=tuple(replace(each, listed=day) for each in listed.drafts))

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """Return the papers on a week's page if the days are one, otherwise on the month's of `first`."""
        year, week, _ = first.isocalendar()
        if last - first == timedelta(days=6):
            return await self._listed({"week": f"{year}-W{week:02}"})
        return await self._listed({"month": f"{first:%Y-%m}"})

    async def trending(self) -> SourceDay:
        """Return the papers that are trending now, of any day, with their current up-votes."""
        return await self._listed({"sort": "trending"})

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Return the results of Hugging Face's search."""
        query = words if len(words) <= _LONGEST_QUERY else words[:_LONGEST_QUERY].rpartition(" ")[0]
        parameters: Parameters = {"q": query, "limit": min(limit, _MOST_FOUND)}
        response = await self._fetcher.ask(self._site, "/api/papers/search", parameters)
        return (await asyncio.to_thread(_read, response))[0]

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return the papers with these arXiv ids, one request each."""
        found = [await self._paper(each) for each in identifiers if each.scheme is Scheme.ARXIV]
        return [paper for paper in found if paper is not None]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with exactly this title."""
        return with_title(title, await self.search(title, 10))

    async def _paper(self, identifier: Identifier) -> PaperDraft | None:
        response = await self._fetcher.ask(self._site, f"/api/papers/{quote(identifier.value)}")
        if response.status == 404:
            return None
        record = response.json()
        if not isinstance(record, dict):
            raise SourceUnavailable(NAME, "its answer is no paper")
        return next((paper for paper in drafts([record], NAME) if identifier in paper.identifiers), None)

    async def _listed(self, which: Mapping[str, str]) -> SourceDay:
        found: list[PaperDraft] = []
        left_out = 0
        try:
            async for response in self._pages(which):
                complete, unread = await asyncio.to_thread(_read, response)
                found += complete
                left_out += unread
        except SourceUnavailable as failure:
            return day_of(found, failure.detail)
        total = len(found) + left_out
        return day_of(found, f"{left_out} of {total} entries have no title or abstract" if left_out else "")

    async def _pages(self, which: Mapping[str, str]) -> AsyncIterator[Response]:
        """Yield the pages of a list, by the links to the next pages. These may not lead to another host."""
        response = await self._fetcher.ask(self._site, "/api/daily_papers", {**which, "limit": _PAGE})
        yield response
        for _ in range(_MOST_PAGES):
            if response.next_page is None:
                return
            if _netloc(response.next_page) != _netloc(self._site.base):
                raise SourceUnavailable(NAME, "its next page is on another host")
            response = await self._fetcher.ask(self._site, response.next_page)
            yield response
        raise SourceUnavailable(NAME, f"its list has more than {_MOST_PAGES} pages")


def _netloc(address: str) -> str | None:
    """Return the host and port of a URL; None if it is malformed."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return None


class HuggingFaceTrending:
    """The feed `huggingface_trending`: the papers that are trending today, whatever their day."""

    info = SourceInfo("huggingface_trending", "Hugging Face's trending papers")
    name = info.name
    reach = 0
    settles = 0
    daily = False

    def __init__(self, source: HuggingFace) -> None:
        self._source = source

    async def listed_on(self, day: date) -> SourceDay:
        """Return the papers that are trending now, for whatever day is asked."""
        del day
        return await self._source.trending()


def _read(response: Response) -> tuple[list[PaperDraft], int]:
    """Return the drafts of a page, and the number of entries that are incomplete."""
    rows = response.json()
    if not isinstance(rows, list):
        raise SourceUnavailable(NAME, "its answer is no list of papers")
    complete = drafts(rows, NAME)
    return complete, len(rows) - len(complete)
