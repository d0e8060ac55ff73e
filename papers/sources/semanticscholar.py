"""Semantic Scholar: what else is known of papers, what they cite, and what to read next."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.ports.coordination import Pace
from papers.formats.records import drafts
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Parameters, Site
from papers.sources.titles import having_title

NAME = "semanticscholar"
PACE = Pace(1.1)
"""One request a second is what a key allows; without one all the world shares what there is."""

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
    """The catalogue called `semanticscholar`."""

    name = NAME

    def __init__(
        self, fetcher: Fetcher, base_url: str = "https://api.semanticscholar.org", key: str = ""
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE, {"x-api-key": key} if key else {})

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return papers by their identifiers, hundreds in a request; it does not know those of OpenReview."""
        ids = [_id(each) for each in identifiers if each.scheme in _PREFIXES]
        found: list[PaperDraft] = []
        for start in range(0, len(ids), _BATCH):
            body = {"ids": ids[start : start + _BATCH]}
            answer = await self._fetcher.ask(
                self._site, "/graph/v1/paper/batch", {"fields": _FIELDS}, body=body
            )
            if answer.status != 400 or _NONE_KNOWN not in answer.body:
                found += await _papers(_rows(answer, None))
        wanted = frozenset(identifiers)
        return [paper for paper in found if paper.identifiers & wanted]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper that has just this title."""
        asked: Parameters = {"query": title, "fields": _FIELDS}
        answer = await self._fetcher.ask(self._site, "/graph/v1/paper/search/match", asked)
        return None if answer.status == 404 else having_title(title, await _papers(_rows(answer, "data")))

    async def references(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return what a paper cites."""
        if identifier.scheme not in _PREFIXES:
            return []
        asked: Parameters = {"fields": _BRIEF, "limit": limit}
        answer = await self._fetcher.ask(self._site, f"/graph/v1/paper/{_id(identifier)}/references", asked)
        if answer.status == 404:
            return []
        cited = (row.get("citedPaper") for row in _rows(answer, "data") if isinstance(row, Mapping))
        return await _papers(cited)

    async def recommended(self, identifier: Identifier, limit: int) -> list[PaperDraft]:
        """Return what it recommends to who reads a paper."""
        if identifier.scheme not in _PREFIXES:
            return []
        asked: Parameters = {"fields": _BRIEF, "limit": limit}
        path = f"/recommendations/v1/papers/forpaper/{_id(identifier)}"
        answer = await self._fetcher.ask(self._site, path, asked)
        return [] if answer.status == 404 else await _papers(_rows(answer, "recommendedPapers"))


def _id(identifier: Identifier) -> str:
    return f"{_PREFIXES[identifier.scheme]}:{identifier.value.removeprefix('PMC')}"


def _rows(answer: Answer, key: str | None) -> list[object]:
    value = answer.json()
    rows = value.get(key) if key is not None and isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        raise SourceUnavailable(NAME, "its answer is no list of papers")
    return rows


async def _papers(rows: Iterable[object]) -> list[PaperDraft]:
    return await asyncio.to_thread(drafts, list(rows), NAME, abstract_needed=False)
