"""Web pages of papers at their publishers, read by their tags for search engines."""

import asyncio
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import parse
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceInfo
from bot.ports.coordination import Pace
from papers.documents.isolated import Kind, Unreadable, read_isolated
from papers.formats.html import PAGE, page_record
from papers.formats.records import drafts
from papers.sources import arxiv
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Site

NAME = PAGE
PACE = Pace(1.0)
READ_AT_ONCE = 2
"""Pages parsed at the same time, each in a process of its own with up to 1 GB of memory."""


class PublisherPages:
    """Pages at the listed hosts. For any OpenReview link the forum's page is read, as it has the tags."""

    info = SourceInfo(NAME, "page", 60)

    def __init__(self, fetcher: Fetcher, openreview_url: str = "https://openreview.net") -> None:
        self._fetcher = fetcher
        self._openreview = Site("openreview", openreview_url, PACE)
        self._readers = asyncio.Semaphore(READ_AT_ONCE)

    async def read(self, link: str) -> PaperDraft | None:
        """Return the paper that a page describes; None if it has no such tags.

        Raises:
            SourceUnavailable: the page cannot be fetched or parsed, or its host is not listed.

        """
        name = parse(link)
        if name is not None and name.scheme is Scheme.OPENREVIEW:
            response = await self._fetcher.ask(self._openreview, f"/forum?id={quote(name.value)}")
        else:
            response = await self._fetcher.ask(site_of(link), link)
        if response.status != 200 or response.kind not in {"text/html", "application/xhtml+xml"}:
            return None
        try:
            async with self._readers:
                tags = await read_isolated(response.body, Kind.TAGS, "page")
        except Unreadable as error:
            raise SourceUnavailable(response.source, f"its page cannot be read: {error}") from None
        return paper_of(tags, link)


def site_of(link: str) -> Site:
    """Return the site of a person's link. All of arXiv's hosts share one pace, as its terms demand."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        host = ""
    at_arxiv = f".{host}".endswith(".arxiv.org")
    return Site(arxiv.NAME, "", arxiv.PACE) if at_arxiv else Site(host, "", PACE)


def paper_of(tags: Iterable[tuple[str, str]], link: str) -> PaperDraft | None:
    """Return the draft that a page's tags describe. An identifier in the link is the paper's own."""
    return next(iter(drafts([page_record(tags, link)], NAME, abstract_needed=False)), None)
