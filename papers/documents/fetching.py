"""Where a paper's full text is: arXiv's page of it first, then its PDF, then what its links lead to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from bot.domain.document import Document, Passage
from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.paper import Paper
from papers.documents import html, pdf
from papers.documents.isolated import Unreadable
from papers.sources import arxiv
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.hosts import is_listed
from papers.sources.fetching.site import Response, Site
from papers.sources.pages import site_of

LINKS_TRIED = 2
READ_AT_ONCE = 2
"""How many documents are read at the same time, each in a process of its own."""
FEWEST_WORDS = 300
"""A page with fewer words is no full text but a notice, or the abstract."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class _Location:
    site: Site
    path: str
    link: str


class FullTextFetcher:
    """Fetches full texts. Nothing of them is stored, beyond what the fetcher's cache has for a day."""

    def __init__(self, fetcher: Fetcher, arxiv_url: str = "https://arxiv.org") -> None:
        self._fetcher = fetcher
        self._arxiv = Site(arxiv.NAME, arxiv_url, arxiv.PACE)
        self._readers = asyncio.Semaphore(READ_AT_ONCE)

    async def read(self, paper: Paper) -> Document | None:
        """Give a paper's text, None where it is open nowhere that is known.

        Raises:
            SourceUnavailable: it could not be fetched, or not be read.

        """
        trouble: SourceUnavailable | None = None
        for location in self._locations(paper):
            try:
                passages = await self._passages(location)
            except SourceUnavailable as failure:
                trouble = trouble or failure
                continue
            if sum(len(each.text.split()) for each in passages) >= FEWEST_WORDS:
                return Document(passages, location.link)
        if trouble is not None:
            raise trouble
        return None

    def _locations(self, paper: Paper) -> Iterator[_Location]:
        for name in sorted(paper.identifiers):
            if name.scheme is Scheme.ARXIV:
                for kind in ("html", "pdf"):
                    path = f"/{kind}/{quote(name.value)}"
                    yield _Location(self._arxiv, path, f"https://arxiv.org{path}")
        listed = [link for link in paper.links if _is_open(link)]
        for link in sorted(listed, key=lambda link: not link.lower().endswith(".pdf"))[:LINKS_TRIED]:
            yield _Location(site_of(link), link, link)

    async def _passages(self, location: _Location) -> tuple[Passage, ...]:
        response = await self._fetcher.ask(location.site, location.path, refused=arxiv.rate_exceeded)
        if response.status != 200:
            return ()
        if response.body.startswith(_PDF):
            return await self._read(response, "PDF", pdf.passages)
        return await self._read(response, "page", html.passages) if response.kind in _HTML else ()

    async def _read(
        self, response: Response, noun: str, read: Callable[[bytes], Awaitable[tuple[Passage, ...]]]
    ) -> tuple[Passage, ...]:
        try:
            async with self._readers:
                return await read(response.body)
        except Unreadable as error:
            raise SourceUnavailable(response.source, f"its {noun} cannot be read: {error}") from None


def _is_open(link: str) -> bool:
    try:
        return is_listed(httpx.URL(link))
    except httpx.InvalidURL:
        return False
