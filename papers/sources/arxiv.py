"""arXiv: papers by day of submission, today's announcement, and single papers by id or title."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay, SourceInfo, SourceState
from bot.ports.coordination import Pace
from papers.formats import atom, rss
from papers.formats.records import drafts
from papers.sources.days import day_of
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Response, Site
from papers.sources.titles import with_title

NAME = "arxiv"
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
PACE = Pace(3.0, exclusive=True)
"""arXiv's terms of use: one request at a time, three seconds apart, for all machines of an operator."""

_PAGE = 200
_MOST = 2_000
"""Most papers fetched for one span of days."""
_IDS_AT_ONCE = 100
_RATE_EXCEEDED = b"Rate exceeded"
_MALFORMED_ID = "incorrect id format"
_FIELD = re.compile(r"\b(?:ti|au|abs|co|jr|cat|rn|id|all|submittedDate):")


class Arxiv:
    """The feed, archive and catalogue `arxiv`: papers by their day of submission.

    arXiv shows a paper only once it is announced, up to four days after its submission. So a day's list
    grows for days, which is why it `settles` late.
    """

    info = SourceInfo(
        NAME,
        "arXiv",
        10,
        field_precedence={"venue": 4, "standing": 3},
        identifies=True,
        exact_days=True,
        watched=True,
    )
    name = NAME
    reach = None
    settles = 5
    daily = True

    def __init__(
        self,
        fetcher: Fetcher,
        base_url: str = "https://export.arxiv.org",
        *,
        categories: Sequence[str] = CATEGORIES,
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE)
        self._in_categories = f"({' OR '.join(f'cat:{category}' for category in categories)})"

    async def listed_on(self, day: date) -> SourceDay:
        """Return the papers submitted on a day (UTC) in the categories, newest first."""
        listed = await self.listed_in(day, day)
        return replace(listed, drafts=tuple(replace(each, listed=day) for each in listed.drafts))

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """Return the papers submitted on these days in the categories, newest first, at most 2,000."""
        query = f"{self._in_categories} AND submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]"
        found: list[PaperDraft] = []
        total = 0
        try:
            async for page in self._result_pages(query, _MOST):
                found += page.papers
                total = page.total
        except SourceUnavailable as failure:
            return day_of(found, failure.detail)
        missing = len(found) < total
        return day_of(found, f"only {len(found)} of {total} papers came whole" if missing else "")

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Return papers for words, or for a query in arXiv's syntax such as `cat:cs.CL AND abs:agent`."""
        query = words if _FIELD.search(words) else f'all:"{_plain(words)}"'
        pages = self._result_pages(query, limit, by="relevance")
        return [paper async for page in pages for paper in page.papers]

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return the latest versions of the papers with these arXiv ids."""
        ids = [each.value for each in identifiers if each.scheme is Scheme.ARXIV]
        requested = frozenset(identifiers)
        found: list[PaperDraft] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            found += await self._by_ids(ids[start : start + _IDS_AT_ONCE])
        return [paper for paper in found if paper.identifiers & requested]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with exactly this title."""
        found = await self._ask(search_query=f'ti:"{_plain(title)}"', start=0, max_results=10)
        return with_title(title, found.papers)

    async def _by_ids(self, ids: Sequence[str]) -> list[PaperDraft]:
        """Request papers by id. One malformed id fails the whole request, so then each id is tried alone."""
        try:
            return (await self._ask(id_list=",".join(ids), max_results=len(ids))).papers
        except _MalformedId:
            if len(ids) == 1:
                return []
        return [paper for each in ids for paper in await self._by_ids([each])]

    async def _result_pages(
        self, query: str, limit: int, by: str = "submittedDate"
    ) -> AsyncIterator["_ResultPage"]:
        """Yield the pages of a result, at least one, until `limit` or the end."""
        seen, received, total = 0, 1, 1
        while received and seen < min(total, limit):
            page = await self._ask(
                search_query=query,
                sortBy=by,
                sortOrder="descending",
                start=seen,
                max_results=min(_PAGE, limit - seen),
            )
            yield page
            received, total = page.entries, page.total
            seen += received

    async def _ask(self, **parameters: str | int) -> "_ResultPage":
        """Send a query. arXiv reports some errors with status 200, as a feed or as text; these raise."""
        response = await self._fetcher.ask(self._site, "/api/query", parameters, refused=rate_exceeded)
        try:
            found = await asyncio.to_thread(_read, response.body)
        except atom.NotAtom:
            problem = "" if response.status == 200 else f"it answered {response.status}"
            raise SourceUnavailable(NAME, problem or "its answer is no Atom feed") from None
        if found.problem and _MALFORMED_ID in found.problem:
            raise _MalformedId(NAME, found.problem)
        if found.problem or response.status != 200:
            raise SourceUnavailable(NAME, found.problem or f"it answered {response.status}")
        return found


@dataclass(frozen=True, slots=True)
class _ResultPage:
    """A page of a result. `papers` leaves out incomplete entries; `total` counts the whole result."""

    papers: list[PaperDraft]
    entries: int
    total: int
    problem: str


class ArxivAnnounced:
    """The feed `arxiv_announced`: today's new, cross-listed and replaced papers, from RSS.

    arXiv announces from Sunday to Thursday at 20:00 in New York. The RSS feed follows at midnight there.
    """

    info = SourceInfo("arxiv_announced", "arXiv's announcements")
    name = info.name
    reach = 0
    settles = 0
    daily = True

    def __init__(
        self,
        fetcher: Fetcher,
        base_url: str = "https://rss.arxiv.org",
        *,
        categories: Sequence[str] = CATEGORIES,
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE)
        self._path = f"/rss/{'+'.join(categories)}"

    async def listed_on(self, day: date) -> SourceDay:
        """Return the latest announcement. The feed has no other, so any other day is empty."""
        try:
            response = await self._fetcher.ask(self._site, self._path, refused=rate_exceeded)
            feed = await rss.read(response.body, NAME)
        except SourceUnavailable as failure:
            return day_of((), failure.detail)
        except rss.NotRss as error:
            return day_of((), str(error) if response.status == 200 else f"it answered {response.status}")
        listed = tuple(replace(each, listed=feed.day or day) for each in feed.announced)
        result = day_of(listed, feed.trouble, feed.replaced)
        if feed.day in {None, day} or feed.trouble:
            return result
        return replace(result, state=SourceState.EMPTY, detail=f"its latest list is of {feed.day}")


class _MalformedId(SourceUnavailable):
    """An id is malformed, as arXiv says."""


def rate_exceeded(response: Response) -> bool:
    """Whether arXiv asks for fewer requests. It does so in plain text, with status 200."""
    return response.body[:100].lstrip().startswith(_RATE_EXCEEDED)


def _plain(words: str) -> str:
    """Remove the characters that have a meaning in arXiv's queries."""
    return " ".join(re.sub(r"[^\w\s.-]+", " ", words).split())


def _read(document: bytes) -> _ResultPage:
    """Parse a feed. Run it in a thread: a large one takes long enough to stall the event loop."""
    feed = atom.parsed(document)
    entries = atom.entries(feed)
    papers = drafts(map(atom.entry_record, entries), NAME)
    return _ResultPage(papers, len(entries), atom.total(feed), atom.error(feed))
