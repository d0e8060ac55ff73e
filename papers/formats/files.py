"""Opens a file of papers and detects its format from its content.

The formats are saved pages of Hugging Face Papers or of a publisher, JSON and JSON Lines of many kinds,
BibTeX, RIS, EndNote XML, PubMed's NBIB and Atom, each also compressed with gzip. JSON Lines are streamed;
all others are read into memory, up to 64 MB.
"""

import codecs
import gzip
import io
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from enum import StrEnum
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Literal, cast

from bot.domain.errors import UserError
from bot.domain.paper import PaperDraft
from papers.formats import atom, bibtex, endnote, exported, html, json_text, nbib, page, ris
from papers.formats.records import BadLine

WHAT_IS_READ = (
    "a saved page of Hugging Face Papers or of a publisher, JSON or JSON Lines of papers, CSL-JSON, BibTeX, "
    "RIS, EndNote XML, PubMed NBIB or arXiv Atom"
)
_HEAD = 256 * 1024
_LARGEST = 64 * 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


class Format(StrEnum):
    """The formats, by their names for people."""

    ATOM = "Atom feed"
    BIBTEX = "BibTeX"
    ENDNOTE = "EndNote XML"
    HTML = "web page"
    EXPORT = "export of Paperclub"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    NBIB = "PubMed NBIB"
    PAGE = "Hugging Face Papers"
    RIS = "RIS"


_ENDINGS = {(".jsonl", ".ndjson"): Format.JSON_LINES, (".bib",): Format.BIBTEX}


def read(
    file: Path | BinaryIO,
    name: str = "",
    *,
    source: str = "",
    passed_over: Counter[str] | None = None,
    today: date | None = None,
) -> Iterator[PaperDraft | BadLine]:
    """Yield the papers of a file in order, with a BadLine in place of each that cannot be read.

    `name` is the file's name in error texts, and `source` becomes the drafts' source. `passed_over` counts
    the rows of an export that are no papers, by table. A saved page whose day has no year is of the last such
    day up to `today`; without `today` its day is unknown.

    Raises:
        UserError: the file cannot be read at all; the text says why.

    """
    name = name or (file.name if isinstance(file, Path) else "the file")
    with ExitStack() as stack:
        stream = _opened(file, name, stack)
        match _format(stream, name):
            case Format.JSON_LINES | Format.JSON as found:
                yield from _json(found, stream, name, source or "file")
            case Format.EXPORT:
                yield from exported.read(stream, Counter() if passed_over is None else passed_over)
            case Format.BIBTEX:
                yield from bibtex.read(_text(stream, name), source or "file")
            case Format.RIS:
                yield from ris.read(_text(stream, name), source or "file")
            case Format.NBIB:
                yield from nbib.read(_text(stream, name), source or "file")
            case Format.PAGE:
                yield from page.read(_text(stream, name), source or page.SOURCE, today)
            case Format.HTML:
                yield from html.read(_text(stream, name), source)
            case Format.ATOM | Format.ENDNOTE as found:
                yield from _xml(found, stream, name, source)


def describe(file: Path) -> str:
    """Return a file's format and, for a saved page, its day: `Hugging Face Papers, Apr 17`.

    Raises:
        UserError: the file cannot be read at all; the text says why.

    """
    with ExitStack() as stack:
        stream = _opened(file, file.name, stack)
        found = _format(stream, file.name)
        day = page.header(_text(stream, file.name)).day if found is Format.PAGE else ""
    return f"{found}, {day}" if day else str(found)


def _opened(file: Path | BinaryIO, name: str, stack: ExitStack) -> BinaryIO:
    try:
        stream = stack.enter_context(file.open("rb")) if isinstance(file, Path) else _seekable(file, stack)
    except FileNotFoundError:
        raise UserError(f"There is no file {name}.") from None
    except OSError as error:
        raise UserError(f"{name} cannot be opened: {error.strerror or error}.") from None
    start = stream.read(2)
    stream.seek(0)
    if start == b"\x1f\x8b":
        stream = cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=stream)))
    return _without_utf16(stream, name)


def _seekable(stream: BinaryIO, stack: ExitStack) -> BinaryIO:
    """Return a stream that can be rewound. A pipe is copied, as format detection reads its start first."""
    if stream.seekable():
        return stream
    kept: IO[bytes] = stack.enter_context(SpooledTemporaryFile(_LARGEST))  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(stream, kept)
    kept.seek(0)
    return cast("BinaryIO", kept)


def _without_utf16(stream: BinaryIO, name: str) -> BinaryIO:
    if not _head(stream, name).startswith(_UTF16):
        return stream
    try:
        return io.BytesIO(_bytes(stream, name).decode("utf-16").encode())
    except UnicodeError:
        raise UserError(f"{name} begins as UTF-16 text and is none.") from None


def _head(stream: BinaryIO, name: str) -> bytes:
    try:
        head = stream.read(_HEAD)
        stream.seek(0)
    except _DAMAGED:
        raise UserError(f"{name} is compressed and damaged.") from None
    return head


def _bytes(stream: BinaryIO, name: str) -> bytes:
    try:
        content = stream.read(_LARGEST + 1)
    except _DAMAGED:
        raise UserError(f"{name} is compressed and damaged.") from None
    if len(content) > _LARGEST:
        raise UserError(f"{name} is larger than 64 MB; only JSON Lines may be.")
    return content


def _text(stream: BinaryIO, name: str, *, rewind: bool = False) -> str:
    """Return a file's whole text. With `rewind` the stream can be read once more."""
    text = _decoded(_bytes(stream, name))
    if rewind:
        stream.seek(0)
    return text


def _decoded(content: bytes) -> str:
    """Decode UTF-8, or else Windows-1252, the encoding of most older files."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _format(stream: BinaryIO, name: str) -> Format:
    head = _head(stream, name)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UserError(f"{name} is empty.")
    if b"\x00" in head:
        raise UserError(f"{name} is not a text file.")
    found = _guess(_decoded(head).lstrip(), name.lower().removesuffix(".gz"))
    if found is None or (found is Format.HTML and not html.holds_papers(_text(stream, name, rewind=True))):
        raise UserError(f"{name} holds no papers that could be recognised. It may be {WHAT_IS_READ}.")
    return found


def _guess(head: str, name: str) -> Format | None:
    """Return the format by content or, where that is ambiguous, by the file's name; None if unknown."""
    if head.startswith("<"):
        return _guess_markup(head)
    looks = {
        Format.EXPORT: exported.looks_like_export(head),
        Format.JSON_LINES: json_text.looks_like_lines(head),
        Format.JSON: head.startswith(("[", "{")),
        Format.RIS: ris.looks_like_ris(head),
        Format.NBIB: nbib.looks_like_nbib(head),
        Format.BIBTEX: bibtex.looks_like_bibtex(head),
    }
    by_name = next((form for endings, form in _ENDINGS.items() if name.endswith(endings)), None)
    found = next((form for form, is_so in looks.items() if is_so), by_name)
    return found or (Format.PAGE if page.looks_like_page(head) else None)


def _guess_markup(head: str) -> Format | None:
    if atom.looks_like_atom(head):
        return Format.ATOM
    if endnote.looks_like_endnote(head):
        return Format.ENDNOTE
    return Format.HTML if html.looks_like_html(head) else None


def _json(
    form: Literal[Format.JSON, Format.JSON_LINES], stream: BinaryIO, name: str, source: str
) -> Iterator[PaperDraft | BadLine]:
    try:
        if form is Format.JSON_LINES:
            yield from json_text.read_lines(stream, source)
        else:
            yield from json_text.read_document(_text(stream, name), source)
    except json_text.UnknownRecords as unknown:
        raise UserError(f"{name} {unknown}.") from None


def _xml(
    form: Literal[Format.ATOM, Format.ENDNOTE], stream: BinaryIO, name: str, source: str
) -> Iterator[PaperDraft | BadLine]:
    try:
        if form is Format.ATOM:
            yield from atom.read(_bytes(stream, name), source or "arxiv")
        else:
            yield from endnote.read(_bytes(stream, name), source or "file")
    except (atom.NotAtom, endnote.NotEndNote) as error:
        raise UserError(f"{name} cannot be read: {error}.") from None
