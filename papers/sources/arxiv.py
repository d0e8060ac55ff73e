"""arXiv: what was submitted on a day in some categories, what is announced today, and single papers."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceDay, SourceState
from bot.ports.coordination import Pace
from papers.formats import atom, rss
from papers.formats.records import drafts
from papers.sources.days import day_of
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Site
from papers.sources.titles import having_title

NAME = "arxiv"
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
PACE = Pace(3.0, alone=True)
"""What arXiv's terms of use ask of all machines of an operator together."""

_PAGE = 200
_MOST = 2_000
_IDS_AT_ONCE = 100
_RATE_EXCEEDED = b"Rate exceeded"
_WRONG_NAME = "incorrect id format"
_FIELD = re.compile(r"\b(?:ti|au|abs|co|jr|cat|rn|id|all|submittedDate):")


class Arxiv:
    """The feed, archive and catalogue called `arxiv`: papers by the day of their submission.

    A paper is shown only once it was announced, which is up to four days after its submission.
    """

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
        self._wanted = f"({' OR '.join(f'cat:{category}' for category in categories)})"

    async def listed_on(self, day: date) -> SourceDay:
        """Return what was submitted on a day (UTC) in the categories, the newest first."""
        listed = await self.listed_in(day, day)
        return replace(listed, drafts=tuple(replace(each, listed=day) for each in listed.drafts))

    async def listed_in(self, first: date, last: date) -> SourceDay:
        """Return what was submitted between two days in the categories, the newest first, at most 2,000."""
        query = f"{self._wanted} AND submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]"
        found: list[PaperDraft] = []
        total = 0
        try:
            async for part in self._slices(query, _MOST):
                found += part.papers
                total = part.total
        except SourceUnavailable as failure:
            return day_of(found, failure.detail)
        missing = len(found) < total
        return day_of(found, f"only {len(found)} of {total} papers came whole" if missing else "")

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        """Return what its interface finds for a query such as `cat:cs.CL AND abs:agent`, or for words."""
        query = words if _FIELD.search(words) else f'all:"{_plain(words)}"'
        slices = self._slices(query, limit, by="relevance")
        return [paper async for part in slices for paper in part.papers]

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return papers by their arXiv ids, in their latest versions."""
        ids = [each.value for each in identifiers if each.scheme is Scheme.ARXIV]
        wanted = frozenset(identifiers)
        found: list[PaperDraft] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            found += await self._by_id(ids[start : start + _IDS_AT_ONCE])
        return [paper for paper in found if paper.identifiers & wanted]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper that has just this title."""
        found = await self._ask(search_query=f'ti:"{_plain(title)}"', start=0, max_results=10)
        return having_title(title, found.papers)

    async def _by_id(self, ids: Sequence[str]) -> list[PaperDraft]:
        """Ask for ids at once; where one of them is wrong, arXiv gives none, so each is asked for alone."""
        try:
            return (await self._ask(id_list=",".join(ids), max_results=len(ids))).papers
        except _UnknownName:
            if len(ids) == 1:
                return []
        return [paper for each in ids for paper in await self._by_id([each])]

    async def _slices(self, query: str, limit: int, by: str = "submittedDate") -> AsyncIterator["_Slice"]:
        """Ask for an answer's parts one after the other, at least one, until arXiv gives no more."""
        seen, given, total = 0, 1, 1
        while given and seen < min(total, limit):
            part = await self._ask(
                search_query=query,
                sortBy=by,
                sortOrder="descending",
                start=seen,
                max_results=min(_PAGE, limit - seen),
            )
            yield part
            given, total = part.entries, part.total
            seen += given

    async def _ask(self, **parameters: str | int) -> "_Slice":
        """Ask arXiv and tell its feeds from its ways to say no, which come with status 200, too."""
        answer = await self._fetcher.ask(self._site, "/api/query", parameters, refused=rate_exceeded)
        try:
            found = await asyncio.to_thread(_read, answer.body)
        except atom.NotAtom:
            said = "" if answer.status == 200 else f"it answered {answer.status}"
            raise SourceUnavailable(NAME, said or "its answer is no Atom feed") from None
        if found.problem and _WRONG_NAME in found.problem:
            raise _UnknownName(NAME, found.problem)
        if found.problem or answer.status != 200:
            raise SourceUnavailable(NAME, found.problem or f"it answered {answer.status}")
        return found


@dataclass(frozen=True, slots=True)
class _Slice:
    """A part of an answer: its whole papers, of so many entries, of so many in all."""

    papers: list[PaperDraft]
    entries: int
    total: int
    problem: str


class ArxivAnnounced:
    """The feed called `arxiv_announced`: today's new, cross-listed and replaced papers, by RSS.

    arXiv announces from Sunday to Thursday at 20:00 in New York; the feed follows at midnight there.
    """

    name = "arxiv_announced"
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
        """Return the latest announcement, whose papers are from its own day; another day's is not there."""
        try:
            answer = await self._fetcher.ask(self._site, self._path, refused=rate_exceeded)
            feed = await rss.read(answer.body, NAME)
        except SourceUnavailable as failure:
            return day_of((), failure.detail)
        except rss.NotRss as error:
            return day_of((), str(error) if answer.status == 200 else f"it answered {answer.status}")
        listed = tuple(replace(each, listed=feed.day or day) for each in feed.announced)
        told = day_of(listed, feed.trouble, feed.replaced)
        if feed.day in {None, day} or feed.trouble:
            return told
        return replace(told, state=SourceState.EMPTY, detail=f"its latest list is of {feed.day}")


class _UnknownName(SourceUnavailable):
    """ArXiv says that an id is none."""


def rate_exceeded(answer: Answer) -> bool:
    """Whether arXiv asks for fewer requests, which it does in plain text and with a good status."""
    return answer.body[:100].lstrip().startswith(_RATE_EXCEEDED)


def _plain(words: str) -> str:
    """Leave out what means something in a query."""
    return " ".join(re.sub(r"[^\w\s.-]+", " ", words).split())


def _read(document: bytes) -> _Slice:
    """Read a feed, which takes long enough to be done beside the loop."""
    feed = atom.parsed(document)
    entries = atom.entries(feed)
    papers = drafts(map(atom.entry_record, entries), NAME)
    return _Slice(papers, len(entries), atom.total(feed), atom.error(feed))
