"""JSON files: one value (a record, a list or the whole response of a catalogue), or one record a line.

Only parsing tells these apart: a list may have one element a line, and a response may be one line.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from bot.domain.paper import PaperDraft
from bot.domain.period import PeriodLength
from papers.formats import dialects, list_days
from papers.formats.lines import LineCounter
from papers.formats.records import BadLine, Incomplete, bad_line

_LONGEST_LINE = 4 * 1024 * 1024
_FIRST_LINES = 20
_SPACE = re.compile(r"[\s\ufeff]*")
_BETWEEN = re.compile(r"[\s,]*")
_LIST_INSIDE = re.compile(r":\s*(?=\[\s*\{)")
_MOST_KEYS = 8
_DAILY = "dailyPapers"
_REPORTED_ONE_BY_ONE = 3
"""Most bad lines that are reported one by one if no record can be read. More become one error."""
_decoder = json.JSONDecoder(parse_float=str)


class UnknownRecords(ValueError):
    """The file is JSON, but no record is in a known dialect; the text explains that to people."""

    def __init__(self, keys: Iterable[str]) -> None:
        named = ", ".join(list(keys)[:_MOST_KEYS])
        super().__init__(
            f"is JSON, but holds no records of papers that are known here (their keys: {named or 'none'}). "
            "A record has `title` and `abstract`, or is one of Hugging Face, Semantic Scholar, OpenAlex, "
            "Crossref, OpenReview, arXiv's snapshot, CSL-JSON or `paperclub export`"
        )


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A value that is no record in a known dialect."""

    number: int
    reason: str
    keys: tuple[str, ...]
    excerpt: str


def looks_like_lines(head: str) -> bool:
    """Whether the head of a file has one JSON object a line, and is not the start of one value."""
    start = _end(_SPACE, head, 0)
    try:
        _, end = _decoder.raw_decode(head, start)
    except (ValueError, RecursionError) as error:
        if head[start : start + 1] in {"[", "{"} and _is_incomplete(error, len(head)):
            return False
        return any(isinstance(_value(line), dict) for line in head.splitlines()[:_FIRST_LINES])
    # One value after another: these are JSON Lines if the first is on a single line.
    return bool(head[end:].strip()) and "\n" not in head[start:end]


def read_lines(stream: BinaryIO, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the paper, or what is wrong, for each line, without reading the whole file.

    Raises:
        UnknownRecords: no line is a record in a known dialect.

    """
    yield from _drafts(_numbered(stream), source)


def read_document(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield the papers of a list, alone or inside an object, of one record, or of several in a row.

    Raises:
        UnknownRecords: there is no record in a known dialect.

    """
    yield from _drafts(_values(document), source)


_Row = tuple[int, object, str] | BadLine
"""The line number, value and excerpt of a record; or what is wrong there."""


def _drafts(rows: Iterable[_Row], source: str) -> Iterator[PaperDraft | BadLine]:
    """Yield drafts. Bad lines are held back until one record is known: if none is, they are one error."""
    kept: list[BadLine] = []
    keys: dict[str, None] = {}
    known = unknown = False
    for row in rows:
        found = row if isinstance(row, BadLine) else _draft(*row, source)
        if isinstance(found, _Unknown):
            keys.update(dict.fromkeys(found.keys))
            found = bad_line(found.number, found.reason, found.excerpt)
            unknown = True
        elif not isinstance(row, BadLine):
            known = True
            yield from kept
            kept.clear()
        if known:
            yield found
        elif isinstance(found, BadLine):
            kept.append(found)
    if not known and (unknown or len(kept) > _REPORTED_ONE_BY_ONE):
        raise UnknownRecords(keys)
    yield from kept


def _draft(number: int, record: object, excerpt: str, source: str) -> PaperDraft | BadLine | _Unknown:
    if not isinstance(record, Mapping):
        return _Unknown(number, "This is not a JSON object.", (), excerpt)
    if dialects.dialect_of(dialects.unwrapped(record)) is None:
        return _Unknown(number, "It has no title.", tuple(record), excerpt)
    try:
        return dialects.draft_of(record, source)
    except Incomplete as missing:
        return bad_line(number, str(missing), excerpt)


def _numbered(stream: BinaryIO) -> Iterator[_Row]:
    number = 0
    try:
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                _skip_line(stream)
                yield bad_line(number, "The line is longer than 4 MB.", line[:80].decode(errors="replace"))
            elif line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield _line(number, line)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        yield bad_line(number + 1, "The compressed file is damaged from here on.", "")


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _line(number: int, line: bytes) -> _Row:
    try:
        written = line.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        excerpt = line.decode("cp1252", errors="replace")
        return bad_line(number, "The line is not UTF-8 text; save the file as UTF-8.", excerpt)
    record = _value(written)
    if not isinstance(record, dict):
        return bad_line(number, "The line is not a JSON object.", written)
    return number, record, written


def _values(document: str) -> Iterator[_Row]:
    """Yield every record of a text in order, with its line number."""
    lines = LineCounter(document)
    position = _end(_SPACE, document, 0)
    while position < len(document):
        try:
            value, end = _decoder.raw_decode(document, position)
        except (ValueError, RecursionError):
            # A damaged list may still have whole records before the damage.
            listed = _LIST_INSIDE.search(document, position)
            inside = listed.end() if document[position] == "{" and listed else position
            yield from _before_damage(document, inside, lines)
            return
        if isinstance(value, Mapping):
            yield from _records_in(document, position, value, lines)
        else:
            yield from _elements(document, position, lines)
        position = _end(_BETWEEN, document, end)


def _before_damage(document: str, position: int, lines: LineCounter) -> Iterator[_Row]:
    """Yield the records before the damage, and then a BadLine that reports it."""
    row: _Row | None = None
    for row in _elements(document, position, lines):
        yield row
    if not isinstance(row, BadLine):
        yield bad_line(lines.at(len(document)), "The JSON breaks off here.", "")


def _records_in(
    document: str, position: int, value: Mapping[str, object], lines: LineCounter
) -> Iterator[_Row]:
    """Yield the records of an object: itself, those in a list inside it, or its values."""
    key = _records_key(value)
    if key is None:
        yield lines.at(position), value, document[position : position + 80]
        return
    for name, start, member in _members(document, position):
        if not key:
            yield lines.at(start), member, document[start : start + 80]
        elif name == key and isinstance(member, list):
            rows = _elements(document, start, lines)
            yield from _with_day(rows, value) if key == _DAILY else rows
        elif name == key and isinstance(member, Mapping):
            yield from _records_in(document, start, member, lines)


def _with_day(rows: Iterator[_Row], page: Mapping[str, object]) -> Iterator[_Row]:
    """Yield the records of a day's page of Hugging Face with the day that stands beside them."""
    period = list_days.named(page.get("dateString"))
    if period is None or period.length is not PeriodLength.DAY:
        # The papers of a week's or a month's page carry their own days.
        yield from rows
        return
    for row in rows:
        if isinstance(row, BadLine) or not isinstance(row[1], Mapping):
            yield row
        else:
            yield row[0], {**row[1], "listed": period.name}, row[2]


def _records_key(value: Mapping[str, object]) -> str | None:
    """Return the key under which an object has records, or "" if each of its values is one.

    None means that the object itself is a record, or that it has none in a known dialect.
    """
    known = dialects.dialect_of(dialects.unwrapped(value))
    lists = [key for key, each in value.items() if isinstance(each, list) and any(map(_is_known, each[:9]))]
    if known is not None:
        is_heading = known.abstract_needed and not value.keys() & {"abstract", "summary", "text", "paper"}
        return lists[0] if lists and is_heading else None
    if lists:
        return lists[0]
    if value and all(isinstance(each, Mapping) and _is_known(each) for each in value.values()):
        inner = next(iter(value.values()))
        return "" if len(value) > 1 or _records_key_of(inner) is None else next(iter(value))
    deeper = (key for key, each in value.items() if isinstance(each, Mapping) and _has_records(each))
    return next(deeper, None)


def _records_key_of(value: object) -> str | None:
    return _records_key(value) if isinstance(value, Mapping) else None


def _has_records(value: Mapping[str, object]) -> bool:
    return _is_known(value) or _records_key(value) is not None


def _is_known(value: object) -> bool:
    return isinstance(value, Mapping) and dialects.dialect_of(dialects.unwrapped(value)) is not None


def _members(document: str, position: int) -> Iterator[tuple[str, int, object]]:
    """Yield the members of a well-formed object: name, position of the value, and value."""
    position = _end(_BETWEEN, document, position + 1)
    while document[position] != "}":
        name, end = _decoder.raw_decode(document, position)
        start = _end(_SPACE, document, document.index(":", end) + 1)
        value, end = _decoder.raw_decode(document, start)
        yield name, start, value
        position = _end(_BETWEEN, document, end)


def _elements(document: str, position: int, lines: LineCounter) -> Iterator[_Row]:
    """Yield the elements of a list up to the first damage, or the one value at this position."""
    position += document[position] == "["
    while (position := _end(_BETWEEN, document, position)) < len(document) and document[position] != "]":
        excerpt = document[position : position + 80]
        try:
            value, end = _decoder.raw_decode(document, position)
        except (ValueError, RecursionError):
            yield bad_line(lines.at(position), "From here on this is not JSON.", excerpt)
            return
        yield lines.at(position), value, excerpt
        position = end


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def _is_incomplete(error: Exception, length: int) -> bool:
    """Whether a value is well formed but incomplete."""
    if not isinstance(error, json.JSONDecodeError):
        return True
    return error.pos >= length - 1 or error.msg.startswith("Unterminated string")


def _value(written: str) -> object:
    try:
        return json.loads(written, parse_float=str)
    except (ValueError, RecursionError):
        return None
