"""Semantic Scholar: details of papers, their references, and recommendations."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceInfo
from bot.ports.coordination import Pace
from papers.formats.records import drafts
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Parameters, Response, Site
from papers.sources.titles import with_title

NAME = "semanticscholar"
PACE = Pace(1.1)
"""Slightly below the one request a second that a key allows. Without a key everybody shares one limit."""

_BATCH = 500
_NONE_KNOWN = b"No valid paper ids"
_BRIEF = "title,abstract,externalIds,venue,year,publicationDate,citationCount,authors.name,openAccessPdf"
_FIELDS = f"{_BRIEF},tldr"
_PREFIXES = {
    Scheme.ARXIV: "ARXIV",
    Scheme.DOI: "DOI",
    Scheme.ACL: "ACL",
    Scheme.PMC: "PMCID",
    Scheme.PMID: "PMID",
}


class SemanticScholar:
    """The catalogue `semanticscholar`, which also knows citations."""

    info = SourceInfo(
        NAME,
        "Semantic Scholar",
        50,
        field_precedence={"venue": 3, "citations": 1},
        identifies=True,
        watched=True,
    )
    name = NAME

    def __init__(
        self, fetcher: Fetcher, base_url: str = "https://api.semanticscholar.org", key: str = ""
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE, {"x-api-key": key} if key else {})

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return the papers with these identifiers, 500 a request. OpenReview's ids are unknown to it."""
        ids = [_id(each) for each in identifiers if each.scheme in _PREFIXES]
        found: list[PaperDraft] = []
        for start in range(0, len(ids), _BATCH):
            body = {"ids": ids[start : start + _BATCH]}
            response = await self._fetcher.ask(
                self._site, "/graph/v1/paper/batch", {"fields": _FIELDS}, body=body
            )
            # Where it knows none of a batch it answers 400 in place of an empty list.
            if response.status != 400 or _NONE_KNOWN not in response.body:
                found += await _papers(_rows(response, None))
        requested = frozenset(identifiers)
        return [paper for paper in found if paper.identifiers & requested]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with exactly this title."""
        parameters: Parameters = {"query": title, "fields": _FIELDS}
        response = await self._fetcher.ask(self._site, "/graph/v1/paper/search/match", parameters)
        return None if response.status == 404 else with_title(title, await _papers(_rows(response, "data")))

    async def references(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return the papers that a paper cites."""
        return await self._linked(identifier, "references", "citedPaper", limit)

    async def citing(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return papers that cite a paper."""
        return await self._linked(identifier, "citations", "citingPaper", limit)

    async def recommended(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return the papers recommended to readers of a paper."""
        if identifier.scheme not in _PREFIXES:
            return []
        parameters: Parameters = {"fields": _BRIEF, "limit": limit}
        path = f"/recommendations/v1/papers/forpaper/{_id(identifier)}"
        response = await self._fetcher.ask(self._site, path, parameters)
        return [] if response.status == 404 else await _papers(_rows(response, "recommendedPapers"))

    async def _linked(self, identifier: Identifier, path: str, key: str, limit: int) -> list[PaperDraft]:
        """Read a list of citations: each row has the paper at the other end under `key`."""
        if identifier.scheme not in _PREFIXES:
            return []
        parameters: Parameters = {"fields": _BRIEF, "limit": limit}
        response = await self._fetcher.ask(
            self._site, f"/graph/v1/paper/{_id(identifier)}/{path}", parameters
        )
        if response.status == 404:
            return []
        found = (row.get(key) for row in _rows(response, "data") if isinstance(row, Mapping))
        return await _papers(found)


def _id(identifier: Identifier) -> str:
    return f"{_PREFIXES[identifier.scheme]}:{identifier.value.removeprefix('PMC')}"


def _rows(response: Response, key: str | None) -> list[object]:
    value = response.json()
    rows = value.get(key) if key is not None and isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        raise SourceUnavailable(NAME, "its answer is no list of papers")
    return rows


async def _papers(rows: Iterable[object]) -> list[PaperDraft]:
    return await asyncio.to_thread(drafts, list(rows), NAME, abstract_needed=False)
