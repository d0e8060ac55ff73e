"""OpenAlex: what is known of published papers, and which were retracted."""

import asyncio
from collections.abc import Mapping, Sequence

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import PaperDraft
from bot.ports import Pace
from papers.formats.records import drafts
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Parameters, Site
from papers.sources.titles import having_title

NAME = "openalex"
PACE = Pace(0.2)

_BATCH = 50
_LONGEST_ABSTRACT = 20_000
"""Words; a place beyond that is nonsense."""
_SELECTED = (
    "doi,display_name,publication_date,is_retracted,abstract_inverted_index,authorships,cited_by_count,"
    "primary_location,open_access"
)


class OpenAlex:
    """The catalogue called `openalex`. It knows an arXiv paper by its DOI, some days after it came."""

    name = NAME

    def __init__(
        self, fetcher: Fetcher, base_url: str = "https://api.openalex.org", key: str = "", contact: str = ""
    ) -> None:
        said = {"api_key": key, "mailto": contact}
        self._fetcher = fetcher
        self._site = Site(
            NAME, base_url, PACE, parameters={name: value for name, value in said.items() if value}
        )

    async def described(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return papers by their DOIs, fifty in a request."""
        dois = [doi for each in identifiers if (doi := _doi(each)) and not set(doi) & set("|,")]
        found: list[PaperDraft] = []
        for start in range(0, len(dois), _BATCH):
            wanted = f"doi:{'|'.join(dois[start : start + _BATCH])}"
            asked: Parameters = {"filter": wanted, "select": _SELECTED, "per-page": _BATCH}
            found += await _papers(await self._fetcher.ask(self._site, "/works", asked))
        names = frozenset(identifiers)
        return [paper for paper in found if paper.identifiers & names]

    async def titled(self, title: str) -> PaperDraft | None:
        """Return the paper that has just this title."""
        plain = " ".join("".join(char if char.isalnum() else " " for char in title).split())
        asked: Parameters = {"filter": f"title.search:{plain}", "select": _SELECTED, "per-page": 10}
        return having_title(title, await _papers(await self._fetcher.ask(self._site, "/works", asked)))


def _doi(identifier: Identifier) -> str:
    if identifier.scheme is Scheme.ARXIV:
        return f"10.48550/arxiv.{identifier.value}"
    return identifier.value if identifier.scheme is Scheme.DOI else ""


async def _papers(answer: Answer) -> list[PaperDraft]:
    value = answer.json()
    rows = value.get("results") if isinstance(value, Mapping) else None
    if not isinstance(rows, list):
        raise SourceUnavailable(NAME, "its answer is no list of papers")
    works = [_record(row) for row in rows if isinstance(row, Mapping)]
    return await asyncio.to_thread(drafts, works, NAME, abstract_needed=False)


def _record(work: Mapping[str, object]) -> dict[str, object]:
    """Put a work into the words that records are read in."""
    authors = work.get("authorships")
    return {
        "title": work.get("display_name"),
        "abstract": _abstract(work.get("abstract_inverted_index")),
        "doi": work.get("doi"),
        "authors": [_inner(_inner(each, "author"), "display_name") for each in authors]
        if isinstance(authors, list)
        else None,
        "publicationDate": work.get("publication_date"),
        "venue": _inner(_inner(work.get("primary_location"), "source"), "display_name"),
        "citationCount": work.get("cited_by_count"),
        "links": _inner(work.get("open_access"), "oa_url"),
        "is_retracted": work.get("is_retracted"),
    }


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _abstract(index: object) -> str:
    """Put an abstract together from the places of its words."""
    if not isinstance(index, Mapping):
        return ""
    placed = {
        place: str(word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int) and 0 <= place < _LONGEST_ABSTRACT
    }
    return " ".join(placed[place] for place in sorted(placed))
