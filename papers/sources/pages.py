"""Papers' own pages at their publishers, read by the tags that are there for search engines."""

import asyncio
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import parse
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceInfo
from bot.ports.coordination import Pace
from papers.documents.apart import Kind, Unreadable, read_apart
from papers.formats.html import PAGE, page_record
from papers.formats.records import drafts
from papers.sources import arxiv
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Site

NAME = PAGE
PACE = Pace(1.0)
READ_AT_ONCE = 2
"""How many pages are read at the same time, each in a process of its own."""


class PublisherPages:
    """Pages at the listed hosts. Whatever of OpenReview a link leads to, the forum's page has the tags."""

    info = SourceInfo(NAME, "page", 60)

    def __init__(self, fetcher: Fetcher, openreview_url: str = "https://openreview.net") -> None:
        self._fetcher = fetcher
        self._openreview = Site("openreview", openreview_url, PACE)
        self._readers = asyncio.Semaphore(READ_AT_ONCE)

    async def read(self, link: str) -> PaperDraft | None:
        """Return what a page says of its paper, None where it says nothing that can be read.

        Raises:
            SourceUnavailable: it could not be fetched or read, or may not be.

        """
        name = parse(link)
        if name is not None and name.scheme is Scheme.OPENREVIEW:
            answer = await self._fetcher.ask(self._openreview, f"/forum?id={quote(name.value)}")
        else:
            answer = await self._fetcher.ask(site_of(link), link)
        if answer.status != 200 or answer.kind not in {"text/html", "application/xhtml+xml"}:
            return None
        try:
            async with self._readers:
                tags = await read_apart(answer.body, Kind.TAGS, "page")
        except Unreadable as error:
            raise SourceUnavailable(answer.source, f"its page cannot be read: {error}") from None
        return paper_of(tags, link)


def site_of(link: str) -> Site:
    """Give the place of a link that somebody gave; all of arXiv's have one pace together."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        host = ""
    at_arxiv = f".{host}".endswith(".arxiv.org")
    return Site(arxiv.NAME, "", arxiv.PACE) if at_arxiv else Site(host, "", PACE)


def paper_of(tags: Iterable[tuple[str, str]], link: str) -> PaperDraft | None:
    """Make a paper of a page's tags; the link, and an identifier in it, are the paper's own."""
    return next(iter(drafts([page_record(tags, link)], NAME, abstract_needed=False)), None)
