"""A loopback stand-in for Semantic Scholar: it answers as documented, traps included."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.servers.sources.scripted import Scripted

_FIELDS = frozenset(
    [
        "title",
        "abstract",
        "externalIds",
        "venue",
        "year",
        "publicationDate",
        "citationCount",
        "authors.name",
        "openAccessPdf",
        "tldr",
        "citationStyles",
        "paperId",
    ]
)


def scholar_paper(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "paperId": number.replace(".", "").zfill(40),
        "externalIds": {"ArXiv": number, "DOI": f"10.48550/arXiv.{number}", "CorpusId": 7},
        "title": f"Kettles {number}",
        "abstract": "They do.",
        "venue": "Conference on Kettles",
        "year": 2024,
        "publicationDate": "2024-06-03",
        "citationCount": 12,
        "openAccessPdf": {"url": "https://kettle.example/paper.pdf", "status": "GREEN"},
        "tldr": {"model": "tldr@v2.0.0", "text": "Kettles whistle."},
        "authors": [{"authorId": "1", "name": "Ada Example"}],
        **changes,
    }


@dataclass
class ScholarServer(Scripted):
    """Batches, matches by title, references, citations and recommendations."""

    papers: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    """By their names, such as `ARXIV:2406.00001`."""
    references: dict[str, list[Any]] = field(default_factory=dict)
    citing: dict[str, list[Any]] = field(default_factory=dict)
    recommended: dict[str, list[Any]] = field(default_factory=dict)
    sent: list[Any] = field(default_factory=list)

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_post("/graph/v1/paper/batch", self._batch)
        app.router.add_get("/graph/v1/paper/search/match", self._match)
        app.router.add_get("/graph/v1/paper/{id:.+}/references", self._references)
        app.router.add_get("/graph/v1/paper/{id:.+}/citations", self._citations)
        app.router.add_get("/recommendations/v1/papers/forpaper/{id:.+}", self._recommended)
        return TestServer(app)

    async def _batch(self, request: web.Request) -> web.Response:
        self.sent.append(await request.json())
        if (answer := self._refused(request, ("fields",))) is not None:
            return answer
        ids = self.sent[-1]["ids"]
        if not 1 <= len(ids) <= 500:
            return web.json_response({"error": "Too many or no ids"}, status=400)
        found = [self.papers.get(each) for each in ids]
        if not any(found):
            return web.json_response({"error": "No valid paper ids given"}, status=400)
        return web.json_response(found)

    async def _match(self, request: web.Request) -> web.Response:
        if (answer := self._refused(request, ("query", "fields"))) is not None:
            return answer
        wanted = request.query["query"].lower()
        for paper in self.papers.values():
            if paper and wanted in paper["title"].lower():
                return web.json_response({"data": [{**paper, "matchScore": 170.1}]})
        return web.json_response({"error": "Title match not found"}, status=404)

    async def _references(self, request: web.Request) -> web.Response:
        if (answer := self._refused(request, ("fields", "limit", "offset"))) is not None:
            return answer
        cited = self.references.get(request.match_info["id"])
        if cited is None:
            return web.json_response({"error": "Paper not found"}, status=404)
        return web.json_response({"offset": 0, "data": [{"citedPaper": each} for each in cited]})

    async def _citations(self, request: web.Request) -> web.Response:
        if (answer := self._refused(request, ("fields", "limit", "offset"))) is not None:
            return answer
        citing = self.citing.get(request.match_info["id"])
        if citing is None:
            return web.json_response({"error": "Paper not found"}, status=404)
        return web.json_response({"offset": 0, "data": [{"citingPaper": each} for each in citing]})

    async def _recommended(self, request: web.Request) -> web.Response:
        if (answer := self._refused(request, ("fields", "limit", "from"))) is not None:
            return answer
        if "tldr" in request.query["fields"]:
            return web.json_response({"error": "Unrecognized or unsupported fields: [tldr]"}, status=400)
        found = self.recommended.get(request.match_info["id"])
        if found is None:
            return web.json_response({"error": "Paper not found"}, status=404)
        return web.json_response({"recommendedPapers": found})

    def _refused(self, request: web.Request, known: tuple[str, ...]) -> web.Response | None:
        if (scripted := self.note(request, known)) is not None:
            return scripted
        unknown = set(request.query["fields"].split(",")) - _FIELDS
        if unknown:
            text = f"Unrecognized or unsupported fields: {sorted(unknown)}"
            return web.json_response({"error": text}, status=400)
        return None


def without(paper: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in paper.items() if key not in keys}
