"""OpenAlex: details of published papers, and retractions."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import PaperDraft
from bot.domain.source import SourceInfo
from bot.ports.coordination import Pace
from papers.formats.records import drafts
from papers.formats.works import openalex_record
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Parameters, Response, Site
from papers.sources.titles import with_title

NAME = "openalex"
PACE = Pace(0.2)

_BATCH = 50
_SELECTED = (
    "doi,display_name,publication_date,is_retracted,abstract_inverted_index,authorships,cited_by_count,"
    "primary_location,open_access"
)


class OpenAlex:
    """The catalogue `openalex`. It knows an arXiv paper by its DOI, some days after it appeared."""

    info = SourceInfo(
        NAME,
        "OpenAlex",
        40,
        field_precedence={"venue": 2, "citations": 2, "standing": 2},
        identifies=True,
        watched=True,
    )
    name = NAME

    def __init__(
        self, fetcher: Fetcher, base_url: str = "https://api.openalex.org", key: str = "", contact: str = ""
    ) -> None:
        parameters = {"api_key": key, "mailto": contact}
        self._fetcher = fetcher
        self._site = Site(
            NAME, base_url, PACE, parameters={name: value for name, value in parameters.items() if value}
        )

    async def fetch(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return the papers with these DOIs, or with the DOIs of these arXiv ids, fifty a request."""
        dois = [doi for each in identifiers if (doi := _doi(each)) and not set(doi) & set("|,")]
        found: list[PaperDraft] = []
        for start in range(0, len(dois), _BATCH):
            dois_filter = f"doi:{'|'.join(dois[start : start + _BATCH])}"
            parameters: Parameters = {"filter": dois_filter, "select": _SELECTED, "per-page": _BATCH}
            found += await _papers(await self._fetcher.ask(self._site, "/works", parameters))
        names = frozenset(identifiers)
        return [paper for paper in found if paper.identifiers & names]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        """Return the paper with exactly this title."""
        plain = " ".join("".join(char if char.isalnum() else " " for char in title).split())
        parameters: Parameters = {"filter": f"title.search:{plain}", "select": _SELECTED, "per-page": 10}
        return with_title(title, await _papers(await self._fetcher.ask(self._site, "/works", parameters)))


def _doi(identifier: Identifier) -> str:
    if identifier.scheme is Scheme.ARXIV:
        return f"10.48550/arxiv.{identifier.value}"
    return identifier.value if identifier.scheme is Scheme.DOI else ""


async def _papers(response: Response) -> list[PaperDraft]:
    value = response.json()
    rows = value.get("results") if isinstance(value, Mapping) else None
    if not isinstance(rows, list):
        raise SourceUnavailable(NAME, "its answer is no list of papers")
    works = [openalex_record(row) for row in rows if isinstance(row, Mapping)]
    return await asyncio.to_thread(drafts, works, NAME, abstract_needed=False)
