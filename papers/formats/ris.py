"""RIS, with rispy.

rispy silently drops a record without its last line, with too few spaces, or after a byte order mark. So the
lines are normalised first, and the records are counted to notice any that is still lost.
"""

import re
from collections.abc import Iterator, Mapping

from rispy import RisParser
from rispy.config import TAG_KEY_MAPPING

from bot.domain.paper import PaperDraft
from papers.formats.dates import first_day
from papers.formats.names import given_name_first
from papers.formats.records import BadLine, Incomplete, bad_line, draft

_LINE = re.compile(r"\s{0,3}([A-Z][A-Z0-9])(?:\s{1,3}-|-(?=\s|$))\s?(.*)")
_START = re.compile(r"^[\ufeff\s]{0,4}TY\s{0,3}-\s?\s*\w+", re.MULTILINE)
_TAGS = TAG_KEY_MAPPING.keys() - {RisParser.UNKNOWN_TAG}
_TITLES = ("title", "primary_title")
_ABSTRACTS = ("abstract", "notes_abstract")
_VENUES = (
    "journal_name",
    "alternate_title3",
    "secondary_title",
    "alternate_title2",
    "alternate_title1",
    "custom3",
)


def looks_like_ris(head: str) -> bool:
    """Whether some line starts a record."""
    return bool(_START.search(head))


def read(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the paper, or what is wrong, for each record."""
    numbers, lines = _normalised(document)
    # Without delimiters: rispy would split URLs at semicolons, which are part of some DOIs.
    records = RisParser(delimiter_tags_mapping={}).parse("\n".join(lines))
    if len(records) != len(numbers):
        lost = len(numbers) - len(records)
        yield bad_line(1, f"{lost} of {len(numbers)} RIS records here cannot be read.", "")
        numbers = numbers[: len(records)]
    for number, record in zip(numbers, records, strict=False):
        try:
            yield draft(_record(record), source, abstract_needed=False)
        except Incomplete as missing:
            yield bad_line(number, str(missing), str(_first(record, _TITLES) or record.get("doi", "")))


def _normalised(document: str) -> tuple[list[int], list[str]]:
    """Return each record's line number, and the lines with one field each and all records closed."""
    numbers: list[int] = []
    lines: list[str] = []
    for number, line in enumerate(document.replace("\ufeff", "").splitlines(), start=1):
        found = _LINE.match(line)
        tag, value = (found[1], found[2].strip()) if found else ("", line.strip())
        if tag == "TY":
            if numbers and not lines[-1].startswith("ER"):
                lines.append("ER  - ")
            numbers.append(number)
            lines.append(f"TY  - {value}")
        elif not numbers or (lines[-1].startswith("ER") and tag != "TY"):
            continue
        elif tag in _TAGS:
            lines.append(f"{tag}  - {value}")
        elif line.strip() and not lines[-1].startswith("TY"):
            lines[-1] += f" {line.strip()}"
    if numbers and not lines[-1].startswith("ER"):
        lines.append("ER  - ")
    return numbers, lines


def _record(record: Mapping[str, object]) -> dict[str, object]:
    year, exact = _text(record, "year", "publication_year"), _text(record, "date")
    urls = record.get("urls")
    names = record.get("authors") or record.get("first_authors")
    return {
        "title": _first(record, _TITLES),
        "abstract": _first(record, _ABSTRACTS),
        "authors": [given_name_first(name) for name in names] if isinstance(names, list) else [],
        "doi": record.get("doi"),
        "url": urls[0] if isinstance(urls, list) and urls else None,
        "links": urls,
        "keywords": record.get("keywords"),
        "venue": _first(record, _VENUES),
        "date": first_day(exact if exact[:4] == year[:4] or not year else year, exact),
    }


def _first(record: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((record[key] for key in keys if record.get(key)), None)


def _text(record: Mapping[str, object], *keys: str) -> str:
    return str(_first(record, keys) or "")
