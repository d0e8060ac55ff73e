"""Publishers' pages, as far as they say what their paper is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from asking import asking

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Details
from bot.ports.coordination import Pace
from papers.documents import reader
from papers.sources import arxiv, pages
from papers.sources.fetching.site import Site
from papers.sources.pages import PublisherPages, paper_of, site_of

PAGE = """<!DOCTYPE html><html><head><title>Kettles | Journal</title>
<meta name="citation_title" content="Kettles &amp; Cups">
<meta name="citation_author" content="Example, Ada"/><META NAME="Citation_Author" CONTENT="Ben Example">
<meta name="citation_publication_date" content="2024/06/03">
<meta name="citation_doi" content="10.1145/1.2"><meta name="citation_title" content="Another">
<meta name="citation_conference_title" content="Conference on Kettles">
<meta name="citation_pdf_url" content="https://kettle.example/1.pdf"><meta name="description">
<meta name="citation_abstract" content="They whistle 2.4times louder."></head><body>…"""


@asynccontextmanager
async def publisher(
    text: str, kind: str = "text/html", status: int = 200
) -> AsyncIterator[tuple[PublisherPages, str]]:
    """A page at loopback, as if its host were listed."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, status=status)

    app = web.Application()
    app.router.add_get("/paper", answer)
    async with asking(TestServer(app)) as (fetcher, url):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(pages, "site_of", lambda _: Site("somewhere", url, pages.PACE))
            yield PublisherPages(fetcher), f"{url.rstrip('/')}/paper"


async def test_what_a_page_says() -> None:
    async with publisher(PAGE) as (source, link):
        found = await source.read(link)
    assert found is not None
    assert (found.title, found.abstract) == (
        "Kettles & Cups",
        "They whistle 2.4\N{MULTIPLICATION SIGN} louder.",
    )
    assert found.authors == ("Ada Example", "Ben Example")
    assert (found.published, found.identifiers) == (date(2024, 6, 3), {Identifier(Scheme.DOI, "10.1145/1.2")})
    assert found.links == (link, "https://kettle.example/1.pdf")
    assert found.details == Details(venue="Conference on Kettles")


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        ("<html><title>Just a moment…</title>", "text/html", 200),
        (PAGE, "text/html", 403),
        (PAGE, "application/pdf", 200),
        ("", "text/html", 200),
    ],
)
async def test_pages_that_say_nothing(text: str, kind: str, status: int) -> None:
    async with publisher(text, kind, status) as (source, link):
        assert await source.read(link) is None


async def test_only_listed_hosts_are_read_and_not_even_the_operators_addresses() -> None:
    async with asking(TestServer(web.Application())) as (fetcher, url):
        for link in (url, url.replace("127.0.0.1", "localhost")):
            with pytest.raises(SourceUnavailable, match="nothing is fetched from"):
                await PublisherPages(fetcher).read(link)


def test_an_arxiv_id_in_a_page_and_names_in_its_link() -> None:
    page = b"<meta name=citation_title content=K1><meta name=citation_arxiv_id content=2406.00001>"
    found = paper_of(reader.tags(page), "https://openreview.net/forum?id=aBcDeFgH12")
    assert found is not None
    assert found.identifiers == {
        Identifier(Scheme.ARXIV, "2406.00001"),
        Identifier(Scheme.OPENREVIEW, "aBcDeFgH12"),
    }
    assert found.links == ()


@pytest.mark.parametrize(
    ("link", "name", "pace"),
    [
        ("https://aclanthology.org/2024.acl-long.1", "aclanthology.org", pages.PACE),
        ("https://arxiv.org/list/cs.CL/new", "arxiv", arxiv.PACE),
        ("https://export.arxiv.org/help", "arxiv", arxiv.PACE),
        ("https://notarxiv.org/", "notarxiv.org", pages.PACE),
        ("https://[bad", "", pages.PACE),
    ],
)
def test_a_hosts_pace(link: str, name: str, pace: Pace) -> None:
    assert (site_of(link).name, site_of(link).pace) == (name, pace)


async def test_an_address_that_is_none() -> None:
    async with publisher("") as (source, _):
        with pytest.raises(SourceUnavailable, match="nothing is fetched from"):
            await source.read("https://[bad")


FAMILIES = {
    "bepress": """<meta name="bepress_citation_title" content="Kettles">
        <meta name="bepress_citation_author" content="Example, Ada">
        <meta name="bepress_citation_author" content="Ben Other">
        <meta name="bepress_citation_date" content="2024/06/03">
        <meta name="bepress_citation_doi" content="10.1145/1.2">
        <meta name="bepress_citation_journal_title" content="Journal of Kettles">""",
    "eprints": """<meta name="eprints.title" content="Kettles">
        <meta name="eprints.creators_name" content="Example, Ada">
        <meta name="eprints.creators_name" content="Other, Ben">
        <meta name="eprints.date" content="2024-06-03">
        <meta name="eprints.id_number" content="10.1145/1.2">
        <meta name="eprints.publication" content="Journal of Kettles">
        <meta name="DC.creator" content="Example, A.">""",
    "dublin core": """<meta name="DC.Title" content="Kettles">
        <meta name="DC.Creator" content="Example, Ada">
        <meta name="DC.creator" content="Other, Ben">
        <meta name="DC.date" content="2024-06-03">
        <meta name="DC.Identifier" content="S0001-0001(24)1">
        <meta name="dc.identifier" content="doi:10.1145/1.2">
        <meta name="prism.publicationName" content="Journal of Kettles">""",
    "dcterms": """<meta name="DCTERMS.title" content="Kettles">
        <meta name="dc.creator" content="Example, Ada">
        <meta name="dc.creator" content="Ben Other">
        <meta name="dcterms.issued" content="2024-06-03">
        <meta name="DCTERMS.identifier" content="https://doi.org/10.1145/1.2">
        <meta name="citation_journal_title" content="Journal of Kettles">""",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_tags_of_other_families(family: str) -> None:
    found = paper_of(reader.tags(FAMILIES[family].encode()), "https://kettle.example/1")
    assert found is not None
    assert (found.title, found.authors) == ("Kettles", ("Ada Example", "Ben Other"))
    assert found.identifiers == {Identifier(Scheme.DOI, "10.1145/1.2")}
    assert (found.published, found.details.venue) == (date(2024, 6, 3), "Journal of Kettles")


def test_a_page_that_only_open_graph_describes() -> None:
    page = (
        b'<meta property="og:title" content="Kettles &amp; Cups"><meta property="og:type" content="article">'
    )
    found = paper_of(reader.tags(page), "https://kettle.example/1")
    assert found is not None
    assert (found.title, found.links) == ("Kettles & Cups", ("https://kettle.example/1",))
    better = paper_of(
        reader.tags(page + b'<meta name="citation_title" content="Kettles">'), "https://kettle.example/1"
    )
    assert better is not None
    assert better.title == "Kettles"
