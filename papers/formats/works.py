"""Converts works of Crossref, CSL-JSON and OpenAlex to the keys of `records.draft`."""

import re
from collections.abc import Mapping

from papers.formats.names import joined

_RETRACTIONS = frozenset({"retraction", "withdrawal", "removal"})
_RETRACTED_TITLE = re.compile(
    r"\s*(?:RETRACTED|WITHDRAWN)(?: (?:ARTICLE|PAPER|CHAPTER))?\s*[:\N{EN DASH}-]\s*"
)
_ISSUED = ("issued", "published", "published-print", "published-online", "posted", "created")
_LONGEST_ABSTRACT = 20_000
"""Words. A position beyond that is an error in the data."""


def crossref_record(work: Mapping[str, object]) -> dict[str, object]:
    """Convert a Crossref work. The title gets its subtitle, and loses a publisher's `RETRACTED:`."""
    title = _first(work.get("title"))
    marked = _RETRACTED_TITLE.match(title) if isinstance(title, str) else None
    if isinstance(title, str):
        title = _with_subtitle(title[marked.end() :] if marked else title, _first(work.get("subtitle")))
    return {
        "title": title,
        "abstract": work.get("abstract"),
        "doi": work.get("DOI"),
        "authors": _authors(work.get("author")),
        "date": _issued(work),
        "venue": _first(work.get("container-title")),
        "citationCount": work.get("is-referenced-by-count"),
        "references": _references(work.get("reference")),
        "is_retracted": marked is not None or _is_retracted(work.get("updated-by")),
    }


def csl_record(item: Mapping[str, object]) -> dict[str, object]:
    """Convert a CSL-JSON item, as Zotero and other reference managers export it."""
    venue = item.get("container-title") or item.get("event-title")
    keywords = item.get("keyword")
    return {
        "title": _first(item.get("title")),
        "abstract": item.get("abstract"),
        "doi": item.get("DOI"),
        "url": item.get("URL"),
        "authors": _authors(item.get("author")),
        "date": _issued(item),
        "venue": _first(venue),
        "keywords": re.split(r"[,;]", keywords) if isinstance(keywords, str) else keywords,
    }


def openalex_record(work: Mapping[str, object]) -> dict[str, object]:
    """Convert an OpenAlex work. Its abstract is an inverted index: positions by word."""
    authors = work.get("authorships")
    return {
        "title": work.get("display_name") or work.get("title"),
        "abstract": _inverted(work.get("abstract_inverted_index")),
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


def _references(works: object) -> list[object]:
    return [_inner(each, "DOI") for each in works] if isinstance(works, list) else []


def _first(value: object) -> object:
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


def _with_subtitle(title: str, subtitle: object) -> str:
    if not isinstance(subtitle, str) or not subtitle.strip() or subtitle.strip().lower() in title.lower():
        return title
    return f"{title.rstrip().rstrip(':')}: {subtitle.strip()}"


def _authors(value: object) -> list[str]:
    people = [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
    return [_author(each) for each in people]


def _author(person: Mapping[str, object]) -> str:
    full_name = person.get("literal") or person.get("name")
    if isinstance(full_name, str) and not person.get("family"):
        return full_name
    particle = joined(person.get("dropping-particle"), person.get("non-dropping-particle"))
    return joined(person.get("given"), person.get("family"), particle, person.get("suffix"))


def _issued(work: Mapping[str, object]) -> str | None:
    return next((found for key in _ISSUED if (found := _date(work.get(key)))), None)


def _date(value: object) -> str | None:
    """Parse `{"date-parts": [[2024, 6, 4]]}`, where month and day are optional, or `{"raw": "2024"}`."""
    parts = _first(value.get("date-parts")) if isinstance(value, Mapping) else None
    if isinstance(parts, list) and parts and all(str(part).isdecimal() for part in parts):
        return "-".join(str(part) for part in parts[:3])
    written = value.get("raw") or value.get("literal") if isinstance(value, Mapping) else value
    return written if isinstance(written, str) else None


def _is_retracted(updates: object) -> bool:
    kinds = [_inner(each, "type") for each in updates] if isinstance(updates, list) else []
    return any(isinstance(kind, str) and kind.lower() in _RETRACTIONS for kind in kinds)


def _inverted(index: object) -> str:
    """Return the text of an inverted index."""
    if not isinstance(index, Mapping):
        return ""
    words = {
        position: str(word)
        for word, positions in index.items()
        if isinstance(positions, list)
        for position in positions
        if isinstance(position, int) and 0 <= position < _LONGEST_ABSTRACT
    }
    return " ".join(words[position] for position in sorted(words))
