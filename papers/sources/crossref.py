"""Crossref: papers by their DOIs, and what their publishers did with them since."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from bot.errors import SourceUnavailable
from bot.identifiers import Identifier, Scheme
from bot.models import PaperDraft
from bot.ports import Pace
from papers.formats.records import drafts
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Parameters, Site
from papers.sources.titles import having_title

NAME = "crossref"
PACE = Pace(0.5)

_RETRACTIONS = frozenset({"retraction", "withdrawal", "removal"})
_RETRACTED_TITLE = re.compile(
    r"\s*(?:RETRACTED|WITHDRAWN)(?: (?:ARTICLE|PAPER|CHAPTER))?\s*[:\N{EN DASH}-]\s*"
)


class Crossref:
    """The catalogue called `crossref`."""

    name = NAME

    def __init__(
        self, fetcher: Fetcher, base_url: str = "https://api.crossref.org", contact: str = ""
    ) -> None:
        self._fetcher = fetcher
        self._site = Site(NAME, base_url, PACE, parameters={"mailto": contact} if contact else {})

    async def described(self, identifiers: Sequence[Identifier]) -> list[PaperDraft]:
        """Return papers by their DOIs, one request each."""
        works = [await self._work(each) for each in identifiers if each.scheme is Scheme.DOI]
        names = frozenset(identifiers)
        return [paper for paper in await _papers(works) if paper.identifiers & names]

    async def titled(self, title: str) -> PaperDraft | None:
        """Return the paper that has just this title."""
        asked: Parameters = {"query.bibliographic": title, "rows": 5}
        message = _message(await self._fetcher.ask(self._site, "/works", asked))
        items = message.get("items")
        if not isinstance(items, list):
            raise SourceUnavailable(NAME, "its answer is no list of papers")
        return having_title(title, await _papers(items))

    async def _work(self, identifier: Identifier) -> Mapping[str, object] | None:
        answer = await self._fetcher.ask(self._site, f"/works/{quote(identifier.value, safe='')}")
        return None if answer.status == 404 else _message(answer)


def _message(answer: Answer) -> Mapping[str, object]:
    value = answer.json()
    message = value.get("message") if isinstance(value, Mapping) else None
    if not isinstance(message, Mapping):
        raise SourceUnavailable(NAME, "its answer is no paper")
    return message


async def _papers(works: Sequence[object]) -> list[PaperDraft]:
    records = [_record(work) for work in works if isinstance(work, Mapping)]
    return await asyncio.to_thread(drafts, records, NAME, abstract_needed=False)


def _record(work: Mapping[str, object]) -> dict[str, object]:
    """Put a work into the words that records are read in."""
    title = _first(work.get("title"))
    marked = _RETRACTED_TITLE.match(title) if isinstance(title, str) else None
    return {
        "title": title[marked.end() :] if marked and isinstance(title, str) else title,
        "abstract": work.get("abstract"),
        "doi": work.get("DOI"),
        "authors": _authors(work.get("author")),
        "date": _date(work.get("issued")),
        "venue": _first(work.get("container-title")),
        "citationCount": work.get("is-referenced-by-count"),
        "is_retracted": marked is not None or _is_retracted(work.get("updated-by")),
    }


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _authors(value: object) -> list[str]:
    people = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    named = ([each.get("given"), each.get("family") or each.get("name")] for each in people)
    return [" ".join(part for part in parts if isinstance(part, str)) for parts in named]


def _date(value: object) -> str | None:
    """Read `{"date-parts": [[2024, 6, 4]]}`, of which the month and the day may be missing."""
    parts = _first(value.get("date-parts")) if isinstance(value, Mapping) else None
    if not isinstance(parts, list) or not parts or not all(isinstance(part, int) for part in parts):
        return None
    return "-".join(str(part) for part in parts[:3])


def _is_retracted(updates: object) -> bool:
    kinds = (
        [each.get("type") for each in updates if isinstance(each, Mapping)]
        if isinstance(updates, list)
        else []
    )
    return any(isinstance(kind, str) and kind.lower() in _RETRACTIONS for kind in kinds)
