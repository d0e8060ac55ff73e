"""Papers' own pages at their publishers, read by the tags that are there for search engines."""

from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.identifier_tables import Scheme
from bot.identifiers import parse
from bot.models import PaperDraft
from bot.ports import Pace
from papers.formats.html import PAGE, page_record
from papers.formats.records import drafts
from papers.sources import arxiv
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Site

NAME = PAGE
PACE = Pace(1.0)


class PublisherPages:
    """Pages at the listed hosts. Whatever of OpenReview a link leads to, the forum's page has the tags."""

    def __init__(self, fetcher: Fetcher, openreview_url: str = "https://openreview.net") -> None:
        self._fetcher = fetcher
        self._openreview = Site("openreview", openreview_url, PACE)

    async def read(self, link: str) -> PaperDraft | None:
        """Return what a page says of its paper, None where it says nothing that can be read.

        Raises:
            SourceUnavailable: it could not be fetched, or may not be.

        """
        name = parse(link)
        if name is not None and name.scheme is Scheme.OPENREVIEW:
            answer = await self._fetcher.ask(self._openreview, f"/forum?id={quote(name.value)}")
        else:
            answer = await self._fetcher.ask(site_of(link), link)
        if answer.status != 200 or answer.kind not in {"text/html", "application/xhtml+xml"}:
            return None
        return paper_on(answer.body, link)


def site_of(link: str) -> Site:
    """Give the place of a link that somebody gave; all of arXiv's have one pace together."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        host = ""
    at_arxiv = f".{host}".endswith(".arxiv.org")
    return Site(arxiv.NAME, "", arxiv.PACE) if at_arxiv else Site(host, "", PACE)


def paper_on(document: bytes, link: str) -> PaperDraft | None:
    """Read a page's tags; the link, and an identifier in it, are the paper's own."""
    record = page_record(LexborHTMLParser(document), link)
    return next(iter(drafts([record], NAME, abstract_needed=False)), None)
