"""A loopback stand-in for arXiv: it answers as documented, traps included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer
from servers.sources.scripted import Scripted


@dataclass
class ArxivServer(Scripted):
    """`/api/query`: Atom, hard-wrapped titles, http ids, errors with status 200."""

    papers: list[dict[str, str]] = field(default_factory=list)
    told: int | None = None
    """A total that is not the number of papers."""

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/api/query", self._query)
        return TestServer(app)

    async def _query(self, request: web.Request) -> web.Response:
        known = ("search_query", "id_list", "start", "max_results", "sortBy", "sortOrder")
        if (scripted := self.note(request, known)) is not None:
            return scripted
        if "id_list" in request.query:
            wanted = request.query["id_list"]
            if wanted.startswith("9"):
                return atom([error_entry("incorrect id format for " + wanted)])
            return atom([arxiv_entry(paper) for paper in self.papers if paper["id"] == wanted])
        start, most = int(request.query["start"]), int(request.query["max_results"])
        entries = [arxiv_entry(paper) for paper in self.papers[start : start + most]]
        return atom(entries, self.told if self.told is not None else len(self.papers))


def arxiv_entry(paper: Mapping[str, str]) -> str:
    title, summary = escape(paper["title"]), escape(paper.get("summary", "They do."))
    return f"""<entry><id>http://arxiv.org/abs/{paper["id"]}v1</id><title>{title}
  in a wrapped title</title><published>2024-06-03T12:00:00Z</published><updated>2024-06-05T12:00:00Z</updated>
  <summary>  {summary}
  </summary><author><name>Ada Example</name></author>
  <link href="http://arxiv.org/abs/{paper["id"]}v1" rel="alternate" type="text/html"/>
  <link title="pdf" href="http://arxiv.org/pdf/{paper["id"]}v1" rel="related" type="application/pdf"/>
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
