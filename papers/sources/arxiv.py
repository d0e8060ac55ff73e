"""arXiv: what was submitted on a day in some categories, and single papers."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from xml.etree.ElementTree import Element

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import PaperDraft, SourceDay, SourceState
from bot.ports import Pace
from papers.formats import atom
from papers.formats.records import Unfit
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Site

CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
PACE = Pace(3.0, alone=True)
"""What arXiv's terms of use ask of all machines of an operator together."""

_PAGE = 200
_MOST = 2_000
_RATE_EXCEEDED = b"Rate exceeded"
_WRONG_NAME = "incorrect id format"


class Arxiv:
    """The source called `arxiv`."""

    name = "arxiv"

    def __init__(
        self,
        fetcher: Fetcher,
        base_url: str = "https://export.arxiv.org",
        *,
        categories: Sequence[str] = CATEGORIES,
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(self.name, base_url, PACE)
        self._categories = tuple(categories)

    async def listed_on(self, day: date) -> SourceDay:
        """Return what was submitted on a day (UTC) in the categories, the newest first."""
        drafts: list[PaperDraft] = []
        wanted = f"({' OR '.join(f'cat:{category}' for category in self._categories)})"
        query = f"{wanted} AND submittedDate:[{day:%Y%m%d}0000 TO {day:%Y%m%d}2359]"
        try:
            async for feed in self._slices(query):
                found = (self._draft(entry) for entry in atom.entries(feed))
                drafts += (replace(paper, listed=day) for paper in found if paper)
        except SourceUnavailable as failure:
            return SourceDay(
                tuple(drafts), SourceState.PARTIAL if drafts else SourceState.FAILED, failure.detail
            )
        return _day(drafts, atom.total(feed))

    async def lookup(self, identifier: Identifier) -> PaperDraft | None:
        """Return a paper by its arXiv id, None where there is no such id."""
        if identifier.scheme is not Scheme.ARXIV:
            return None
        try:
            feed = await self._ask(id_list=identifier.value, max_results=1)
        except _UnknownName:
            return None
        papers = (self._draft(entry) for entry in atom.entries(feed))
        return next((paper for paper in papers if paper and identifier in paper.identifiers), None)

    async def _slices(self, query: str) -> AsyncIterator[Element]:
        """Ask for an answer's parts one after the other, at least one, until arXiv gives no more."""
        seen, given, total = 0, 1, 1
        while given and seen < min(total, _MOST):
            feed = await self._ask(
                search_query=query,
                sortBy="submittedDate",
                sortOrder="descending",
                start=seen,
                max_results=_PAGE,
            )
            yield feed
            given, total = len(atom.entries(feed)), atom.total(feed)
            seen += given

    async def _ask(self, **parameters: str | int) -> Element:
        """Ask arXiv and tell its feeds from its ways to say no, which come with status 200, too."""
        answer = await self._fetcher.ask(self._site, "/api/query", parameters, refused=_rate_exceeded)
        try:
            feed = atom.parsed(answer.body)
            problem = atom.error(feed)
        except atom.NotAtom:
            said = "" if answer.status == 200 else f"it answered {answer.status}"
            raise SourceUnavailable(self.name, said or "its answer is no Atom feed") from None
        if problem and _WRONG_NAME in problem:
            raise _UnknownName(self.name, problem)
        if problem or answer.status != 200:
            raise SourceUnavailable(self.name, problem or f"it answered {answer.status}")
        return feed

    def _draft(self, entry: Element) -> PaperDraft | None:
        try:
            return atom.entry_draft(entry, self.name)
        except Unfit:
            return None


class _UnknownName(SourceUnavailable):
    """ArXiv says that an id is none."""


def _rate_exceeded(answer: Answer) -> bool:
    return answer.body[:100].lstrip().startswith(_RATE_EXCEEDED)


def _day(drafts: list[PaperDraft], total: int) -> SourceDay:
    if len(drafts) >= total:
        return SourceDay(tuple(drafts), SourceState.COMPLETE if drafts else SourceState.EMPTY)
    detail = f"only {len(drafts)} of {total} papers came whole"
    return SourceDay(tuple(drafts), SourceState.PARTIAL if drafts else SourceState.FAILED, detail)
