"""BibTeX and biblatex, with bibtexparser 2, which continues after a broken entry and knows its line.

An abstract is optional: most reference managers leave it out.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from bibtexparser.library import Library
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
    String,
)
from bibtexparser.splitter import Splitter

from bot.domain.paper import PaperDraft
from papers.formats.bibtex_names import own_names
from papers.formats.dates import first_day
from papers.formats.names import split_people
from papers.formats.records import BadLine, Incomplete, bad_line, draft
from papers.text import Clean, clean_latex

_ENTRY = re.compile(r"^\s*@[A-Za-z]+\s*[{(]", re.MULTILINE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COLLECTIONS = frozenset({"proceedings", "mvproceedings", "collection", "mvcollection", "mvbook", "xdata"})
"""Entry types of collections. Papers refer to them, but they are no papers."""
_NOT_INHERITED = frozenset({
    "title", "subtitle", "author", "editor", "abstract", "crossref", "xdata", "doi", "url", "eprint",
    "arxivid", "note", "howpublished", "file", "keywords", "ids", "label", "key",
})  # fmt: skip
_IN_COLLECTION = frozenset(
    {"inproceedings", "conference", "incollection", "inbook", "suppbook", "inreference"}
)
_VENUES = ("journaltitle", "journal", "booktitle", "eventtitle")
_NO_VENUE = re.compile(r"arxiv|^corr$|https?:|\\url", re.IGNORECASE)
_PIECES = re.compile(r'\s*(?:(?P<sharp>\#)|(?P<quote>")|(?P<brace>\{)|(?P<word>[^\s#"{}]+))')
_AND = re.compile(r"\s+and(?:\s+|$)", re.IGNORECASE)
_TWO_PEOPLE = re.compile(
    r"[^\W\d_a-z][^\s,{}]*(?: [^\W\d_a-z][^\s,{}]*)+, ?[^\W\d_a-z][^\s,{}]*(?: [^\s,{}]{2,})+"
)
_PART = re.compile(
    r"\s*(family|given|prefix|suffix|given-i|family-i|prefix-i|useprefix|id)\s*=\s*", re.IGNORECASE
)
_NOT_WELL_FORMED = "This BibTeX entry is not closed or not well formed."
# A broken entry is reported as a BadLine, so the library's own log would only repeat it.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

Fields = Mapping[str, str]


class _Malformed(ValueError):
    """An entry cannot be parsed."""


def looks_like_bibtex(head: str) -> bool:
    """Whether some line starts an entry."""
    return bool(_ENTRY.search(head))


def read(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the paper, or what is wrong, for each entry except collections."""
    library = Splitter(document).split()
    strings = _strings(library)
    entries: dict[str, Fields] = {}
    for each in filter(None, map(_entry, library.blocks)):
        with suppress(_Malformed):
            entries.setdefault(each.key.lower(), _fields(each, strings))
    for block in library.blocks:
        entry = _entry(block)
        number, raw = (block.start_line or 0) + 1, block.raw or ""
        if entry is not None and entry.entry_type.lower() not in _COLLECTIONS:
            try:
                fields = _inherited(entry, _fields(entry, strings), entries)
                yield draft(_record(entry.entry_type, fields), source, abstract_needed=False)
            except Incomplete as missing:
                yield bad_line(number, str(missing), raw)
            except _Malformed:
                yield bad_line(number, _NOT_WELL_FORMED, raw)
        elif isinstance(block, ParsingFailedBlock) and block.ignore_error_block is None:
            yield bad_line(number, _NOT_WELL_FORMED, raw)


def _entry(block: Block) -> Entry | None:
    """Return the entry of a block, also if a key or field in it is a duplicate; None if it has none."""
    if isinstance(block, (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)):
        inner = block.ignore_error_block
        return inner if isinstance(inner, Entry) else None
    return block if isinstance(block, Entry) else None


def _strings(library: Library) -> dict[str, str]:
    """Return the values of `@string` abbreviations, and of months, which stand for themselves."""
    strings = {month: month for month in _MONTHS}
    for block in library.blocks:
        inner = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
        if isinstance(inner, String):
            with suppress(_Malformed):
                strings[inner.key.lower()] = _value(inner.value, strings)
    return strings


def _fields(entry: Entry, strings: Fields) -> dict[str, str]:
    """Return an entry's fields. Of a duplicate field the first that is not empty counts."""
    fields: dict[str, str] = {}
    for field in entry.fields:
        key, value = field.key.lower(), _value(str(field.value), strings)
        if not fields.get(key):
            fields[key] = value
    return fields


def _value(written: str, strings: Fields) -> str:
    """Evaluate a value: strings, groups, numbers and abbreviations, joined by `#`.

    Raises:
        _Malformed: a comma is missing, so that the value runs into the next field.

    """
    parts: list[str] = []
    position, joined = 0, True
    while found := _PIECES.match(written, position):
        position = found.end()
        if not found["sharp"] and not joined:
            parts.append(" ")
        if found["quote"] or found["brace"]:
            end = _closing(written, position, '"' if found["quote"] else "}")
            parts.append(written[position:end])
            position = end + 1
        elif found["word"]:
            if "=" in found["word"] and parts:
                raise _Malformed
            parts.append(strings.get(found["word"].lower(), found["word"]))
        joined = bool(found["sharp"])
    return "".join(parts)


def _closing(text: str, position: int, mark: str) -> int:
    """Return where the value that starts at `position` ends. A mark inside a group does not end it."""
    depth = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
        elif depth == 0 and char == mark:
            break
        elif char in "{}":
            depth += 1 if char == "{" else -1
        position += 1
    return position


def _inherited(entry: Entry, fields: dict[str, str], entries: Mapping[str, Fields]) -> dict[str, str]:
    """Add the fields of the collection that `crossref` names. The collection's title is the venue."""
    parent = entries.get(fields.get("crossref", fields.get("xdata", "")).strip().lower())
    if parent is None or parent is fields:
        return fields
    inherited = {key: value for key, value in parent.items() if key not in _NOT_INHERITED}
    title = parent.get("booktitle") or parent.get("title")
    if title and entry.entry_type.lower() in _IN_COLLECTION:
        inherited["booktitle"] = title
    dated = fields.keys() & {"date", "year"}
    return {
        key: value for key, value in inherited.items() if not dated or key not in {"date", "year", "month"}
    } | fields


def _record(kind: str, fields: Fields) -> dict[str, object]:
    return {
        "title": _title(fields),
        "abstract": clean_latex(fields.get("abstract", "")),
        "authors": _people(fields.get("author", "")),
        "arxiv_id": fields.get("eprint") or fields.get("arxivid"),
        "names": [str(name) for name in own_names(kind, fields)],
        "links": fields.get("url", "").replace(r"\_", "_"),
        "categories": fields.get("primaryclass", ""),
        "keywords": [clean_latex(word) for word in re.split(r"[,;]", fields.get("keywords", ""))],
        "venue": _venue(fields),
        "date": _date(fields),
    }


def _title(fields: Fields) -> Clean:
    title, subtitle = clean_latex(fields.get("title", "")), clean_latex(fields.get("subtitle", ""))
    if not subtitle or subtitle.lower() in title.lower():
        return title
    return Clean(f"{title}{'' if title[-1:] in '?!:.' else ':'} {subtitle}")


def _venue(fields: Fields) -> Clean:
    """Return the journal or book of a paper. A preprint server is no venue."""
    named = (fields.get(key, "") for key in _VENUES)
    return clean_latex(next((name for name in named if name.strip() and not _NO_VENUE.search(name)), ""))


def _people(written: str) -> list[Clean]:
    """Return the names in a field. A name that is wholly in braces is an organisation's and stays."""
    names = _split_outside_braces(written.strip(), _AND)
    # If some name has no comma, a comma in another separates people: `Ada Example, Ben Other and …`.
    any_without_comma = any("," not in name and not _is_braced(name) for name in names)
    people: list[Clean] = []
    for name in names:
        if _is_braced(name):
            people.append(clean_latex(name))
        elif parts := _biblatex_parts(name):
            in_order = map(parts.get, ("given", "prefix", "family", "suffix"))
            people.append(clean_latex(" ".join(filter(None, in_order))))
        elif any_without_comma and _TWO_PEOPLE.fullmatch(name):
            people += map(clean_latex, name.split(","))
        elif name.lower() not in {"others", "et al", "et al."}:
            people += map(clean_latex, _split_name(name))
    return [name for name in people if name]


def _split_name(name: str) -> list[str]:
    """Return the people of one name, which may be several by commas. A comma in braces does not count."""
    groups: list[str] = []

    def shield(found: re.Match[str]) -> str:
        groups.append(found[0])
        return f"\x05{len(groups) - 1}\x05"

    shielded, before = name, ""
    while shielded != before:
        shielded, before = re.sub(r"\{[^{}]*\}", shield, shielded), shielded
    people = split_people(shielded)
    for index in reversed(range(len(groups))):
        people = [each.replace(f"\x05{index}\x05", groups[index]) for each in people]
    return people


def _biblatex_parts(name: str) -> dict[str, str]:
    """Parse `family=Vries, given=Ada, prefix=de`; empty if the name has another form."""
    parts = [(_PART.match(part), part) for part in _split_outside_braces(name, re.compile(","))]
    if not parts or parts[0][0] is None:
        return {}
    return {found[1].lower(): part[found.end() :].strip().strip('"') for found, part in parts if found}


def _split_outside_braces(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split a text at the separators that are outside of braces."""
    parts: list[str] = []
    start = seen = depth = 0
    for found in separator.finditer(text):
        depth += _open_braces(text[seen : found.start()])
        seen = found.start()
        if depth <= 0:
            parts.append(text[start : found.start()].strip())
            start = found.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _open_braces(text: str) -> int:
    """Return the number of braces that a text opens and does not close."""
    plain = re.sub(r"\\.", "", text)
    return plain.count("{") - plain.count("}")


def _is_braced(name: str) -> bool:
    return name.startswith("{") and _closing(name, 1, "}") == len(name) - 1


def _date(fields: Fields) -> str:
    month, day = clean_latex(fields.get("month", "")), fields.get("day", "")
    days = (first_day(fields.get(key, ""), month, day) for key in ("date", "year", "eventdate"))
    return next(filter(None, days), "")
