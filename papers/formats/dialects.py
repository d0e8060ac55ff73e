"""Recognises the dialect of a JSON record by its keys: a certain catalogue's, or common keys."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from bot.domain.paper import PaperDraft
from papers.formats import works
from papers.formats.names import joined, split_list
from papers.formats.records import Incomplete, draft

Record = Mapping[str, object]

_INSIDE = ("paper", "citedPaper", "citingPaper")
_LATEST = 4_102_444_800_000
"""The year 2100 in milliseconds. A later time is an error in the data."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to recognise a catalogue's record, and how to convert it to the keys of `records.draft`."""

    matches: Callable[[Record], bool]
    record: Callable[[Record], Record]
    abstract_needed: bool = False


def dialect_of(record: Record) -> Dialect | None:
    """Return the dialect of a record; None if it is unknown."""
    return next((each for each in _DIALECTS if each.matches(record)), None)


def unwrapped(record: Record) -> Record:
    """Return the paper inside a citation; any other record unchanged."""
    inner = next((record[key] for key in _INSIDE[1:] if isinstance(record.get(key), Mapping)), None)
    return inner if isinstance(inner, Mapping) else record


def draft_of(record: Record, source: str) -> PaperDraft:
    """Return the draft of a record in any dialect.

    Raises:
        Incomplete: it lacks a title or a needed abstract.

    """
    record = unwrapped(record)
    dialect = dialect_of(record) or _PLAIN
    return draft(dialect.record(record), source, abstract_needed=dialect.abstract_needed)


def _same(record: Record) -> Record:
    return record


def _is_crossref(record: Record) -> bool:
    return isinstance(record.get("title"), list) and ("DOI" in record or "container-title" in record)


def _is_openalex(record: Record) -> bool:
    return "abstract_inverted_index" in record or "authorships" in record or "display_name" in record


def _is_openreview(record: Record) -> bool:
    content = record.get("content")
    return isinstance(content, Mapping) and ("title" in content or "forum" in record)


def _is_snapshot(record: Record) -> bool:
    return "authors_parsed" in record or ("versions" in record and "journal-ref" in record)


def _is_scholar(record: Record) -> bool:
    return any(key in record for key in ("paperId", "externalIds", "corpusid", "externalids"))


def _is_csl(record: Record) -> bool:
    if not isinstance(record.get("title"), str):
        return False
    people = record.get("author")
    written = isinstance(people, list) and any(
        isinstance(each, Mapping) and each.keys() & {"family", "literal"} for each in people
    )
    return written or isinstance(record.get("issued"), Mapping) or "container-title" in record


def _is_plain(record: Record) -> bool:
    if isinstance(record.get("paper"), Mapping):
        return True
    return "title" in record or bool(record.keys() & {"abstract", "summary"})


def _scholar(record: Record) -> Record:
    """Convert a record of Semantic Scholar. Its data sets write the keys of its API in lower case."""
    names = ("externalIds", "publicationDate", "citationCount", "openAccessPdf")
    return {**record, **{name: record[name.lower()] for name in names if name.lower() in record}}


def _openreview(note: Record) -> Record:
    """Convert a note of OpenReview. Version 2 of its API wraps each value in `{"value": …}`.

    Raises:
        Incomplete: it is a review or a comment.

    """
    content = note["content"]
    assert isinstance(content, Mapping)
    if note.get("replyto") or (note.get("forum") and note.get("id") and note["forum"] != note["id"]):
        raise Incomplete("It is an answer to a paper, and no paper.")
    values = {key: each.get("value") if isinstance(each, Mapping) else each for key, each in content.items()}
    withdrawn = str(values.get("venueid", "")).endswith("Withdrawn_Submission")
    return {
        "title": values.get("title"),
        "abstract": values.get("abstract"),
        "openreview": f"openreview:{note.get('forum') or note.get('id')}",
        "authors": values.get("authors"),
        "keywords": values.get("keywords"),
        "venue": values.get("venue"),
        "tldr": values.get("TLDR") or values.get("TL;DR"),
        "date": _moment(note.get("pdate") or note.get("odate") or note.get("cdate")),
        "withdrawnAt": withdrawn,
    }


def _moment(milliseconds: object) -> str:
    if not isinstance(milliseconds, int) or not 0 < milliseconds < _LATEST:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


def _snapshot(record: Record) -> Record:
    """Convert a record of arXiv's snapshot on Kaggle."""
    versions = record.get("versions")
    dated = [each for each in versions if isinstance(each, Mapping)] if isinstance(versions, list) else []
    version = re.fullmatch(r"v\d{1,3}", str(dated[-1].get("version"))) if dated else None
    return {
        "title": record.get("title"),
        "abstract": record.get("abstract"),
        "id": f"{record.get('id')}{version[0] if version else ''}",
        "doi": record.get("doi"),
        "authors": _snapshot_authors(record),
        "categories": record.get("categories"),
        "journal_ref": record.get("journal-ref"),
        "comment": record.get("comments"),
        "date": _day(dated[0].get("created")) if dated else record.get("update_date"),
    }


def _snapshot_authors(record: Record) -> list[str]:
    """Return the parsed authors, or those of the plain text if it names more."""
    parsed, written = record.get("authors_parsed"), record.get("authors")
    rows = (
        [[*each, "", "", ""] for each in parsed if isinstance(each, list)] if isinstance(parsed, list) else []
    )
    parsed_names = [joined(given, family, suffix=suffix) for family, given, suffix, *_ in rows]
    in_line = split_list(written) if isinstance(written, str) else []
    return in_line if len(in_line) > len(parsed_names) else parsed_names


def _day(written: object) -> str:
    try:
        moment: date = parsedate_to_datetime(str(written)).date()
    except ValueError:
        return ""
    return moment.isoformat()


_PLAIN = Dialect(_is_plain, _same, abstract_needed=True)
_DIALECTS = (
    Dialect(_is_crossref, works.crossref_record),
    Dialect(_is_openalex, works.openalex_record),
    Dialect(_is_openreview, _openreview),
    Dialect(_is_snapshot, _snapshot),
    Dialect(_is_scholar, _scholar),
    Dialect(_is_csl, works.csl_record),
    _PLAIN,
)
