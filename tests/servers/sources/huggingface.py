"""A loopback stand-in for Hugging Face Papers: it answers as documented, traps included."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from servers.sources.scripted import Scripted


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
        if (scripted := self.note(request, ("date", "p", "limit"))) is not None:
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
