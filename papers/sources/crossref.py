"""Crossref: papers by DOI, and their publishers' retractions."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceInfo
from bot.ports.coordination import Pace
from papers.formats.records import drafts
from papers.formats.works import crossref_record
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Parameters, Response, Site
from papers.sources.titles import with_title

NAME = "crossref"
PACE = Pace(0.5)


class Crossref:
    """The catalogue `crossref`."""

    info = SourceInfo(
        NAME,
        "Crossref",
        30,
        field_precedence={"venue": 1, "citations": 3, "standing": 1},
        identifies=True,
        watched=True,
    )
    name = NAME

    def __init__(
        self, fetcher: Fetcher, base_url: str = "https://api.crossref.org", contact: str = ""
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE, parameters={"mailto": contact} if contact else {})

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return the papers with these DOIs, one request each."""
        works = [await self._work(each) for each in identifiers if each.scheme is Scheme.DOI]
        names = frozenset(identifiers)
        return [paper for paper in await _papers(works) if paper.identifiers & names]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with exactly this title."""
        parameters: Parameters = {"query.bibliographic": title, "rows": 5}
        message = _message(await self._fetcher.ask(self._site, "/works", parameters))
        items = message.get("items")
        if not isinstance(items, list):
            raise SourceUnavailable(NAME, "its answer is no list of papers")
        return with_title(title, await _papers(items))

    async def _work(self, identifier: Identifier) -> Mapping[str, object] | None:
        response = await self._fetcher.ask(self._site, f"/works/{quote(identifier.value, safe='')}")
        return None if response.status == 404 else _message(response)


def _message(response: Response) -> Mapping[str, object]:
    value = response.json()
    message = value.get("message") if isinstance(value, Mapping) else None
    if not isinstance(message, Mapping):
        raise SourceUnavailable(NAME, "its answer is no paper")
    return message


async def _papers(works: Sequence[object]) -> list[PaperDraft]:
    records = [crossref_record(work) for work in works if isinstance(work, Mapping)]
    return await asyncio.to_thread(drafts, records, NAME, abstract_needed=False)
