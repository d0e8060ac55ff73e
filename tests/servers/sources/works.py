"""Loopback stand-ins for OpenAlex and Crossref: they answer as documented, traps included."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.servers.sources.scripted import Scripted

_SELECTABLE = frozenset(
    [
        "id",
        "doi",
        "title",
        "display_name",
        "publication_date",
        "is_retracted",
        "abstract_inverted_index",
        "authorships",
        "cited_by_count",
        "primary_location",
        "open_access",
        "related_works",
        "ids",
    ]
)


def openalex_work(doi: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "https://openalex.org/W1",
        "doi": f"https://doi.org/{doi}",
        "display_name": "Kettles",
        "publication_date": "2024-06-03",
        "is_retracted": False,
        "abstract_inverted_index": {"They": [0], "whistle": [1, 3], "and": [2]},
        "authorships": [{"author": {"id": "https://openalex.org/A1", "display_name": "Ada Example"}}],
        "cited_by_count": 3,
        "primary_location": {"source": {"display_name": "Journal of Kettles"}},
        "open_access": {"is_oa": True, "oa_url": "https://kettle.example/open.pdf"},
        **changes,
    }


def crossref_work(doi: str, **changes: Any) -> dict[str, Any]:
    return {
        "DOI": doi,
        "title": ["Kettles"],
        "abstract": "<jats:p>They whistle.</jats:p>",
        "author": [{"given": "Ada", "family": "Example", "sequence": "first"}, {"name": "The Kettle Lab"}],
        "issued": {"date-parts": [[2024, 6]]},
        "container-title": ["Journal of Kettles"],
        "is-referenced-by-count": 4,
        "URL": f"https://doi.org/{doi}",
        **changes,
    }


@dataclass
class OpenAlexServer(Scripted):
    """`/works?filter=doi:…` and `/works?filter=title.search:…`; what else it has is scripted."""

    works: list[dict[str, Any]] = field(default_factory=list)

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/works", self._works)
        app.router.add_get("/{page:.*}", self._page)
        return TestServer(app)

    async def _page(self, request: web.Request) -> web.Response:
        return self.note(request) or web.Response(status=404)

    async def _works(self, request: web.Request) -> web.Response:
        known = ("filter", "select", "per-page", "api_key", "mailto")
        if (scripted := self.note(request, known)) is not None:
            return scripted
        if not set(request.query["select"].split(",")) <= _SELECTABLE:
            return web.json_response(
                {"error": "Invalid query parameters error.", "message": "select"}, status=400
            )
        kind, _, value = request.query["filter"].partition(":")
        wanted = [each.lower() for each in value.split("|")]
        if kind == "doi" and len(wanted) <= 100:
            found = [
                work
                for work in self.works
                if str(work.get("doi")).lower().removeprefix("https://doi.org/") in wanted
            ]
        elif kind == "title.search" and "," not in value:
            found = [work for work in self.works if value.lower() in str(work.get("display_name")).lower()]
        else:
            return web.json_response(
                {"error": "Invalid query parameters error.", "message": f"{kind} is not a valid field"},
                status=400,
            )
        return web.json_response({"meta": {"count": len(found)}, "results": found})


@dataclass
class CrossrefServer(Scripted):
    """`/works/{doi}` and `/works?query.bibliographic=…`."""

    works: dict[str, dict[str, Any]] = field(default_factory=dict)

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_get("/works", self._found)
        app.router.add_get("/works/{doi:.+}", self._work)
        return TestServer(app)

    async def _found(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request, ("query.bibliographic", "rows", "mailto"))) is not None:
            return scripted
        items = list(self.works.values())[: int(request.query["rows"])]
        return web.json_response({"status": "ok", "message": {"total-results": len(items), "items": items}})

    async def _work(self, request: web.Request) -> web.Response:
        if (scripted := self.note(request, ("mailto",))) is not None:
            return scripted
        work = self.works.get(request.match_info["doi"])
        if work is None:
            return web.Response(status=404, text="Resource not found.")
        return web.json_response({"status": "ok", "message-type": "work", "message": work})
