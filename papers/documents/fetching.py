"""Finds a paper's full text: arXiv's HTML first, then its PDF, then the paper's own links."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.document import Document, Passage
from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.paper import Paper
from papers.documents import html, pdf
from papers.documents.isolated import Unreadable
from papers.sources import arxiv
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Response, Site
from papers.sources.pages import site_of

LINKS_TRIED = 2
READ_AT_ONCE = 2
"""Documents parsed at the same time, each in a process of its own with up to 1 GB of memory."""
FEWEST_WORDS = 300
"""A page with fewer words is a notice or the abstract, and not the full text."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A URL that may have the full text; people are shown `link`."""

    site: Site
    path: str
    link: str


class FullTextFetcher:
    """Fetches full texts. Nothing is stored, except in the HTTP cache for a day."""

    def __init__(self, fetcher: Fetcher, arxiv_url: str = "https://arxiv.org") -> None:
        self._fetcher = fetcher
        self._arxiv = Site(arxiv.NAME, arxiv_url, arxiv.PACE)
        self._readers = asyncio.Semaphore(READ_AT_ONCE)

    async def read(self, paper: Paper) -> Document | None:
        """Return a paper's full text; None if no open copy is known.

        Raises:
            SourceUnavailable: there may be one, but it cannot be fetched or parsed.

        """
        first_failure: SourceUnavailable | None = None
        for candidate in self._candidates(paper):
            try:
                passages = await self._passages(candidate)
            except SourceUnavailable as failure:
                first_failure = first_failure or failure
                continue
            if sum(len(each.text.split()) for each in passages) >= FEWEST_WORDS:
                return Document(passages, candidate.link)
        if first_failure is not None:
            raise first_failure
        return None

    def _candidates(self, paper: Paper) -> Iterator[_Candidate]:
        for name in sorted(paper.identifiers):
            if name.scheme is Scheme.ARXIV:
                for kind in ("html", "pdf"):
                    path = f"/{kind}/{quote(name.value)}"
                    yield _Candidate(self._arxiv, path, f"https://arxiv.org{path}")
        listed = [link for link in paper.links if _is_open(link)]
        for link in sorted(listed, key=lambda link: not link.lower().endswith(".pdf"))[:LINKS_TRIED]:
            yield _Candidate(site_of(link), link, link)

    async def _passages(self, candidate: _Candidate) -> tuple[Passage, ...]:
        response = await self._fetcher.ask(candidate.site, candidate.path, refused=arxiv.rate_exceeded)
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
    # httpx is imported by what fetches, and not by every process that could.
    import httpx  # noqa: PLC0415 - as just said

    from papers.sources.fetching.hosts import is_listed  # noqa: PLC0415 - as above

    try:
        return is_listed(httpx.URL(link))
    except httpx.InvalidURL:
        return False
