"""JSON: one record a line, a list of records (as Hugging Face's `daily_papers` answers) or a single one."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from bot.models import PaperDraft
from papers.formats.records import BadLine, Unfit, bad_line, draft

_LONGEST_LINE = 4 * 1024 * 1024
_LIST_IN_OBJECT = re.compile(r'"(?:papers|data|results|items|entries)"\s*:\s*(?=\[)')
_BETWEEN = re.compile(r"[\s,]*")


def looks_like_lines(head: str) -> bool:
    """Whether one of a text's first lines is a JSON object by itself."""
    return any(
        isinstance(_object(line), dict) for line in head.splitlines()[:20] if line.lstrip().startswith("{")
    )


def read_lines(stream: BinaryIO, source: str) -> Iterator[PaperDraft | BadLine]:
    """Read JSON Lines one at a time."""
    number = 0
    try:
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                _skip_line(stream)
                yield bad_line(number, "The line is longer than 4 MB.", line[:80].decode(errors="replace"))
            elif line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield _read_line(number, line, source)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        yield bad_line(number + 1, "The compressed file is damaged from here on.", "")


def read_document(document: str, source: str) -> Iterator[PaperDraft | BadLine]:
    """Read a list of records, alone or inside an object, or one record."""
    inside = _LIST_IN_OBJECT.search(document) if document.lstrip().startswith("{") else None
    whole = _object(document) if inside is None or '"title"' in document[: inside.start()] else None
    start = inside.end() if inside and whole is None else len(document) - len(document.lstrip())
    position = start + 1 if document[start] == "[" else start
    decoder = json.JSONDecoder(parse_float=str)
    number, counted = 1, 0
    while True:
        position = _end(_BETWEEN.match(document, position))
        if position >= len(document) or document[position] == "]":
            return
        # Counting from the start each time would take the square of the document.
        number += document.count("\n", counted, position)
        counted = position
        try:
            record, after = decoder.raw_decode(document, position)
        except (ValueError, RecursionError):
            yield bad_line(number, "From here on this is not JSON.", document[position : position + 80])
            return
        yield _taken(number, record, document[position : position + 80], source)
        position = after


def _end(found: re.Match[str] | None) -> int:
    return found.end() if found else 0


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _read_line(number: int, line: bytes, source: str) -> PaperDraft | BadLine:
    try:
        written = line.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        excerpt = line.decode("cp1252", errors="replace")
        return bad_line(number, "The line is not UTF-8 text; save the file as UTF-8.", excerpt)
    record = _object(written)
    if record is None:
        return bad_line(number, "The line is not a JSON object.", written)
    return _taken(number, record, written, source)


def _taken(number: int, record: object, excerpt: str, source: str) -> PaperDraft | BadLine:
    if not isinstance(record, dict):
        return bad_line(number, "This is not a JSON object.", excerpt)
    try:
        return draft(record, source)
    except Unfit as missing:
        return bad_line(number, str(missing), excerpt)


def _object(written: str) -> dict[str, object] | None:
    try:
        value = json.loads(written, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
