"""A loopback stand-in for Hugging Face Papers: it answers as documented, traps included."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.servers.sources.scripted import Scripted, unless_it_has_it


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


def full_entry(number: int) -> dict[str, Any]:
    """One entry with all that may be there."""
    return daily_entry(
        number,
        organization={
            "_id": "1",
            "name": "kettle-lab",
            "fullname": "The Kettle Lab",
            "avatar": "https://cdn",
        },
        githubRepo="https://git.example/kettle",
        githubStars=12,
        projectPage="https://kettle.example/",
        ai_summary="A machine says that kettles whistle.",
        ai_keywords=["kettles", "whistling"],
    ) | {
        "organization": {"name": "kettle-lab", "fullname": "The Kettle Lab"},
        "thumbnail": "https://cdn/1.png",
    }


@dataclass
class HuggingFaceServer(Scripted):
    """`/api/daily_papers`, `/api/papers/search` and `/api/papers/{id}`."""

    days: dict[str, list[Any]] = field(default_factory=dict)
    """Lists by day, by week (`2024-W23`), by month (`2024-06`), and as `trending`."""
    models: dict[str, list[str]] = field(default_factory=dict)
    """Names of models, by the number of their paper."""
    datasets: dict[str, list[str]] = field(default_factory=dict)
    spaces: dict[str, list[str]] = field(default_factory=dict)
    next_host: str = ""

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/api/daily_papers", self._daily)
        app.router.add_get("/api/papers/search", self._search)
        app.router.add_get("/api/papers/{id}", self._paper)
        return TestServer(app)

    async def _daily(self, request: web.Request) -> web.StreamResponse:
        known = ("date", "week", "month", "sort", "p", "limit")
        if (scripted := self.note(request, known)) is not None:
            return scripted
        if (problem := _problem(request)) is not None:
            return problem
        key = next(
            (request.query[each] for each in ("date", "week", "month") if each in request.query), "trending"
        )
        page, limit = int(request.query.get("p", "0")), int(request.query.get("limit", "50"))
        entries = self.days.get(key, [])
        answer = unless_it_has_it(
            request, json.dumps(entries[page * limit : (page + 1) * limit]), "application/json"
        )
        if (page + 1) * limit < len(entries):
            following = request.url.update_query(p=str(page + 1))
            address = str(following.with_host(self.next_host) if self.next_host else following)
            answer.headers["Link"] = f'<{address}>; rel="next"'
        return answer

    async def _search(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request, ("q", "limit"))) is not None:
            return scripted
        if not 1 <= len(request.query["q"]) <= 250 or not 1 <= int(request.query["limit"]) <= 120:
            return web.json_response({"error": "q or limit is out of range"}, status=400)
        words = set(re.findall(r"\w+", request.query["q"].lower()))
        found = [
            each for each in self._all() if words <= set(re.findall(r"\w+", each["paper"]["title"].lower()))
        ]
        return web.json_response(found[: int(request.query["limit"])])

    async def _paper(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request)) is not None:
            return scripted
        number = request.match_info["id"]
        for entry in self._all():
            if entry["paper"]["id"] == number:
                linked: dict[str, Any] = {}
                for kind, known in (
                    ("Models", self.models),
                    ("Datasets", self.datasets),
                    ("Spaces", self.spaces),
                ):
                    names = known.get(number, [])
                    linked[f"linked{kind}"] = [
                        {"id": name, "author": name.partition("/")[0]} for name in names
                    ]
                    linked[f"numTotal{kind}"] = len(names)
                return web.json_response({**entry["paper"], **linked})
        return web.json_response({"error": "Paper not found"}, status=404)

    def _all(self) -> Iterable[Any]:
        return (entry for entries in self.days.values() for entry in entries if isinstance(entry, dict))


def _problem(request: web.Request) -> web.Response | None:
    if not 1 <= int(request.query.get("limit", "50")) <= 100:
        return web.json_response({"error": "limit must be between 1 and 100"}, status=400)
    forms = {
        "date": r"\d{4}-\d\d-\d\d",
        "week": r"\d{4}-W\d\d",
        "month": r"\d{4}-\d\d",
        "sort": "trending|publishedAt",
    }
    for name, form in forms.items():
        if name in request.query and not re.fullmatch(form, request.query[name]):
            return web.json_response({"error": f"{name} is not valid"}, status=400)
    if request.query.get("date", "") > "2030":
        return web.json_response({"error": "The date is in the future"}, status=400)
    return None
