"""Open a file of papers and find out what it is from what it holds.

The formats: a saved Hugging Face Papers page, JSON Lines, a JSON list, BibTeX and Atom, each also
compressed with gzip. JSON Lines are read as they come; the others are read whole, up to 64 MB.
"""

import codecs
import gzip
import io
import shutil
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Literal, cast

from bot.errors import UserError
from bot.models import PaperDraft
from papers.formats import atom, bibtex, json_text, page
from papers.formats.records import BadLine

_HEAD = 256 * 1024
_LARGEST = 64 * 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


class Format(StrEnum):
    """What a file of papers may be, as people call it."""

    ATOM = "Atom feed"
    BIBTEX = "BibTeX"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    PAGE = "Hugging Face Papers"


def read(file: Path | BinaryIO, name: str = "", *, source: str = "") -> Iterator[PaperDraft | BadLine]:
    """Read a file's papers in their order, with what could not be taken in its place.

    `name` is what the file is called to people, `source` what the drafts say they are from.

    Raises:
        UserError: the file cannot be read at all; the text says why.

    """
    name = name or (file.name if isinstance(file, Path) else "the file")
    with ExitStack() as stack:
        stream = _opened(file, name, stack)
        match _format(stream, name):
            case Format.JSON_LINES | Format.JSON as found:
                yield from _json(found, stream, name, source or "file")
            case Format.BIBTEX:
                yield from bibtex.read(_whole(stream, name), source or "file")
            case Format.PAGE:
                yield from page.read(_whole(stream, name), source or page.SOURCE)
            case Format.ATOM:
                yield from _atom(stream, name, source or "arxiv")


def describe(file: Path) -> str:
    """Tell a file's format and, of a saved page, its day: `Hugging Face Papers, Apr 17`.

    Raises:
        UserError: the file cannot be read at all; the text says why.

    """
    with ExitStack() as stack:
        stream = _opened(file, file.name, stack)
        found = _format(stream, file.name)
        day = page.header(_whole(stream, file.name)).day if found is Format.PAGE else ""
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
    """Keep what comes through a pipe, so that its beginning can be read twice."""
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


def _whole(stream: BinaryIO, name: str) -> str:
    return _decoded(_bytes(stream, name))


def _decoded(content: bytes) -> str:
    """Decode as UTF-8, and what is none as Windows-1252, in which the rest of the world's old files are."""
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
    if found is None:
        raise UserError(
            f"{name} holds no papers that could be recognised. It may be a saved Hugging Face Papers page, "
            "JSON Lines, a JSON list, BibTeX or an Atom feed."
        )
    return found


def _guess(head: str, name: str) -> Format | None:
    if head.startswith("<"):
        return Format.ATOM if atom.looks_like_atom(head) else None
    if json_text.looks_like_lines(head):
        return Format.JSON_LINES
    if head.startswith(("[", "{")):
        return Format.JSON
    if name.endswith((".jsonl", ".ndjson")):
        return Format.JSON_LINES
    if bibtex.looks_like_bibtex(head) or name.endswith(".bib"):
        return Format.BIBTEX
    return Format.PAGE if page.looks_like_page(head) else None


def _json(
    form: Literal[Format.JSON, Format.JSON_LINES], stream: BinaryIO, name: str, source: str
) -> Iterator[PaperDraft | BadLine]:
    try:
        if form is Format.JSON_LINES:
            yield from json_text.read_lines(stream, source)
        else:
            yield from json_text.read_document(_whole(stream, name), source)
    except json_text.UnknownRecords as unknown:
        raise UserError(f"{name} {unknown}.") from None


def _atom(stream: BinaryIO, name: str, source: str) -> Iterator[PaperDraft | BadLine]:
    try:
        yield from atom.read(_bytes(stream, name), source)
    except atom.NotAtom as error:
        raise UserError(f"{name} cannot be read: {error}.") from None
