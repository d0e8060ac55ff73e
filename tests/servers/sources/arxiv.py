"""Loopback stand-ins for arXiv's interface and its RSS: they answer as documented, traps included."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.servers.sources.scripted import Scripted, unless_it_has_it

_ID = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?")


@dataclass
class ArxivServer(Scripted):
    """`/api/query`: Atom, hard-wrapped titles, http ids, errors with status 200; `/rss/{categories}`."""

    papers: list[dict[str, str]] = field(default_factory=list)
    """Each with `id` and `title`, and perhaps `version`, `summary`, `comment`, `doi`, `day` of submission."""
    told: int | None = None
    """A total that is not the number of papers."""
    announced: list[str] = field(default_factory=list)
    """RSS items."""
    announced_on: str = "Tue, 04 Jun 2024 00:00:00 -0400"
    pages: dict[str, str] = field(default_factory=dict)
    """Full texts as HTML, by id."""
    pdfs: dict[str, bytes] = field(default_factory=dict)

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/api/query", self._query)
        app.router.add_get("/rss/{categories}", self._rss)
        app.router.add_get("/html/{id:.+}", self._page)
        app.router.add_get("/pdf/{id:.+}", self._pdf)
        return TestServer(app)

    async def _page(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request)) is not None:
            return scripted
        page = self.pages.get(request.match_info["id"])
        if page is None:
            return web.Response(status=404, text="No HTML for this paper")
        return web.Response(text=page, content_type="text/html")

    async def _pdf(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request)) is not None:
            return scripted
        body = self.pdfs.get(request.match_info["id"])
        return web.Response(status=404) if body is None else web.Response(body=body)

    async def _query(self, request: web.Request) -> web.Response:
        known = ("search_query", "id_list", "start", "max_results", "sortBy", "sortOrder")
        if (scripted := self.note(request, known)) is not None:
            return scripted
        most = int(request.query["max_results"])
        if most > 2000:
            return atom([error_entry("max_results must be less than or equal to 2000")])
        if "id_list" in request.query:
            return self._by_id(request.query["id_list"].split(","), most)
        start = int(request.query["start"])
        found = [paper for paper in self.papers if _fits(paper, request.query["search_query"])]
        entries = [arxiv_entry(paper) for paper in found[start : start + most]]
        return atom(entries, self.told if self.told is not None else len(found))

    def _by_id(self, wanted: list[str], most: int) -> web.Response:
        for each in wanted:
            if not _ID.fullmatch(each):
                return atom([error_entry(f"incorrect id format for {each}")])
        found = [paper for paper in self.papers if paper["id"] in wanted]
        return atom([arxiv_entry(paper) for paper in found[:most]], len(found))

    async def _rss(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request)) is not None:
            return scripted
        return unless_it_has_it(request, rss(self.announced, self.announced_on), "application/rss+xml")


def _fits(paper: Mapping[str, str], query: str) -> bool:
    between = re.search(r"submittedDate:\[(\d{8})0000 TO (\d{8})2359\]", query)
    if between:
        return between[1] <= paper.get("day", "20240604") <= between[2]
    words = re.search(r'(?:ti|all):"([^"]*)"', query)
    return words is None or words[1].lower() in f"{paper['title']} in a wrapped title".lower()


def arxiv_entry(paper: Mapping[str, str]) -> str:
    title, summary = escape(paper["title"]), escape(paper.get("summary", "They do."))
    name = f"{paper['id']}v{paper.get('version', '1')}"
    extra = "".join(
        f"<arxiv:{key}>{escape(paper[key])}</arxiv:{key}>"
        for key in ("comment", "doi", "journal_ref")
        if key in paper
    )
    return f"""<entry><id>http://arxiv.org/abs/{name}</id><title>{title}
  in a wrapped title</title><published>2024-06-03T12:00:00Z</published><updated>2024-06-05T12:00:00Z</updated>
  <summary>  {summary}
  </summary><author><name>Ada Example</name></author>{extra}
  <link href="http://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>
  <link title="pdf" href="http://arxiv.org/pdf/{name}" rel="related" type="application/pdf"/>
  <arxiv:primary_category term="cs.CL"/><category term="cs.CL"/></entry>"""


def error_entry(text: str) -> str:
    return f"""<entry><id>http://arxiv.org/api/errors#some_error</id><title>Error</title>
  <summary>{escape(text)}</summary><updated>2024-06-03T00:00:00-04:00</updated></entry>"""


def atom(entries: Iterable[str], total: int = 1) -> web.Response:
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
  xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>ArXiv Query</title>
  <opensearch:totalResults>{total}</opensearch:totalResults>{"".join(entries)}</feed>"""
    return web.Response(text=text, content_type="application/atom+xml")


def rss_item(number: str, kind: str, title: str = "Kettles", version: int = 1) -> str:
    return f"""<item><title>{escape(title)}</title><link>https://arxiv.org/abs/{number}</link>
  <description>arXiv:{number}v{version} Announce Type: {kind}
Abstract: They do, 2.4times louder.</description>
  <guid isPermaLink="false">oai:arXiv.org:{number}v{version}</guid><category>cs.CL</category>
  <category>cs.AI</category><pubDate>Tue, 04 Jun 2024 00:00:00 -0400</pubDate>
  <arxiv:announce_type>{kind}</arxiv:announce_type>
  <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
  <dc:creator>Ada Example, Ben Example</dc:creator></item>"""


def rss(items: Iterable[str], day: str) -> str:
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>
<lastBuildDate>{day}</lastBuildDate><pubDate>{day}</pubDate>
<skipDays><day>Sunday</day><day>Saturday</day></skipDays>{"".join(items)}</channel></rss>"""
