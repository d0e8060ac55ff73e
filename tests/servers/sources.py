"""Loopback stand-ins for Hugging Face Papers and arXiv: they answer as documented, traps included."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer


def daily_entry(number: int, **changes: Any) -> dict[str, Any]:
    """One entry of `daily_papers`; optional keys are left out, as they often are."""
    paper = {
        "id": f"2406.{number:05}",
        "title": f"Kettle number {number}",
        "summary": f"Kettle {number}\nwhistles 2.4times louder.",
        "publishedAt": "2024-06-03T10:00:00.000Z",
        "submittedOnDailyAt": "2024-06-04T01:02:03.000Z",
        "upvotes": number,
        "authors": [{"name": "Ada Example", "hidden": False}, {"name": "Ben Example", "hidden": False}],
    }
    return {
        "paper": {**paper, **changes},
        "title": paper["title"],
        "summary": paper["summary"],
        "publishedAt": paper["publishedAt"],
        "numComments": 0,
        "isAuthorParticipating": False,
        "submittedBy": {"fullname": "Cleo Example", "name": "cleo", "type": "user"},
    }


@dataclass
class Scripted:
    """What the next requests are answered with before the server is itself again, and what was asked."""

    answers: deque[web.Response] = field(default_factory=deque)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    def say(self, status: int, text: str = "", **headers: str) -> None:
        self.answers.append(
            web.Response(
                status=status, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )
        )

    def note(self, request: web.Request) -> web.Response | None:
        self.asked.append(dict(request.query))
        self.agents.append(request.headers.get("User-Agent", ""))
        return self.answers.popleft() if self.answers else None


@dataclass
class HuggingFaceServer(Scripted):
    """`/api/daily_papers` and `/api/papers/{id}`."""

    days: dict[str, list[Any]] = field(default_factory=dict)
    next_host: str = ""

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/api/daily_papers", self._daily)
        app.router.add_get("/api/papers/{id}", self._paper)
        return TestServer(app)

    async def _daily(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request)) is not None:
            return scripted
        day, page, limit = (
            request.query["date"],
            int(request.query.get("p", "0")),
            int(request.query["limit"]),
        )
        if day > "2030":
            return web.json_response({"error": "The date is in the future"}, status=400)
        entries = self.days.get(day, [])
        headers = {}
        if (page + 1) * limit < len(entries):
            following = request.url.with_query(date=day, limit=str(limit), p=str(page + 1))
            address = str(following.with_host(self.next_host) if self.next_host else following)
            headers["Link"] = f'<{address}>; rel="next"'
        return web.json_response(entries[page * limit : (page + 1) * limit], headers=headers)

    async def _paper(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request)) is not None:
            return scripted
        for entry in (each for entries in self.days.values() for each in entries):
            if entry["paper"]["id"] == request.match_info["id"]:
                return web.json_response({**entry["paper"], "linkedModels": [], "numTotalModels": 0})
        return web.json_response({"error": "Paper not found"}, status=404)


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
        if (scripted := self.note(request)) is not None:
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
