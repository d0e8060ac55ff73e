"""Measure what hostile input costs: small bytes that expand, nest or loop, for each of our parsers.

Each bomb runs in a process of its own, which is ended after 60 seconds. The peak memory of it and of its
children is the system's figure, less what the process had before. Then the bare parser or decompressor reads
the same bytes without our bounds, limited to 2 GB and 30 seconds of CPU time.
"""

import argparse
import asyncio
import gzip
import io
import json
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import feedparser
import pypdfium2
from aiohttp import web
from aiohttp.test_utils import TestServer
from selectolax.lexbor import LexborHTMLParser

from bot.domain.errors import SourceUnavailable
from bot.ports.coordination import Pace
from papers.documents import html, pdf
from papers.documents.isolated import Unreadable
from papers.formats import atom, rss
from papers.formats.records import Incomplete, draft
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Response, Site
from papers.text import clean_abstract
from storage.shared.cache import LocalCache
from storage.shared.rate_limits import LocalRateLimiter

ENDED_AFTER = 60
MEGABYTE = 1_000_000
BARE_MEMORY, BARE_SECONDS = 2_000_000_000, 30
_Read = Callable[[bytes], Awaitable[object]]
_Bare = Callable[[bytes], object]


def packed(size: int, times: int = 1) -> bytes:
    """Compress `size` zeros, `times` times over, without the final checksum."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    first, more = (packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    found = first + more * (size // MEGABYTE - 1)
    for _ in range(times - 1):
        found = gzip.compress(found)
    return found


def repeated_commands(times: int) -> bytes:
    """Make a PDF of one page with `times` thousand drawing commands."""
    packer = zlib.compressobj()
    parts = [packer.compress(b"BT (x) Tj ET\n" * 1_000) for _ in range(times)]
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        stream(b"".join([*parts, packer.flush()])),
    )


def stream(compressed: bytes, entries: bytes = b"") -> bytes:
    """Make a stream object of a PDF from compressed bytes."""
    dictionary = b"<< %s /Filter /FlateDecode /Length %d >>" % (entries, len(compressed))
    return dictionary + b"\nstream\n" + compressed + b"\nendstream"


def zeros(size: int) -> bytes:
    """Compress `size` zeros, a megabyte at a time."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE)]
    return b"".join([*parts, packer.flush()])


def document(*objects: bytes) -> bytes:
    """Make a PDF of these objects, the catalogue first."""
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + numbered + b"trailer << /Root 1 0 R /Size %d >>\n%%%%EOF" % (len(objects) + 1)


def repeated_page(pages: int) -> bytes:
    """Make a PDF that repeats one page `pages` times."""
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * pages, pages),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        stream(zlib.compress(b"BT (x) Tj ET\n" * 100)),
    )


def large_image(side: int) -> bytes:
    """Make a PDF whose page is an image of `side` by `side` pixels."""
    entries = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
    )
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        b"/Resources << /XObject << /I 5 0 R >> >> >>",
        stream(zlib.compress(b"q 600 0 0 800 0 0 cm /I Do Q")),
        stream(zeros(side * side), entries % (side, side)),
    )


def large_table(size: int) -> bytes:
    """Make a PDF with a cross-reference stream of `size` bytes."""
    head = b"%PDF-1.7\n"
    entries = b"/Type /XRef /Size %d /W [1 2 1] /Root 2 0 R" % (size // 4)
    table = b"1 0 obj\n" + stream(zeros(size), entries) + b"\nendobj\n"
    return head + table + b"startxref\n%d\n%%%%EOF" % len(head)


def over_http(codings: str) -> _Read:
    """Return a reader that fetches a body with this `Content-Encoding`."""

    async def read(body: bytes) -> object:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=body, headers={"Content-Encoding": codings})

        app = web.Application()
        app.router.add_get("/", answer)
        async with TestServer(app) as server:
            url = str(server.make_url("")).rstrip("/")
            async with Fetcher(LocalRateLimiter(), LocalCache(), attempts=1) as fetcher:
                return await fetcher.ask(Site("somewhere", url, Pace(0.0)), "/")

    return read


async def as_json(body: bytes) -> object:
    """Parse a JSON response."""
    return Response("somewhere", 200, body).json()


async def as_atom(body: bytes) -> object:
    """Parse a feed of arXiv's API."""
    return atom.parsed(body)


async def as_rss(body: bytes) -> object:
    """Parse arXiv's announcements."""
    return await rss.read(body, "arxiv")


async def as_abstract(body: bytes) -> object:
    """Clean an abstract."""
    return clean_abstract(body.decode())


async def as_record(body: bytes) -> object:
    """Make a draft with this abstract."""
    return draft({"title": "A title", "abstract": body.decode()}, "bomb")


def unpacked(times: int) -> _Bare:
    """Return a reader that decompresses `times` times."""

    def bare(body: bytes) -> object:
        for _ in range(times):
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body)
        return body

    return bare


def bare_pdf(body: bytes) -> object:
    """Read all pages of a PDF without bounds."""
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(body)]


def bare_feed(body: bytes) -> object:
    """Parse a feed with feedparser alone."""
    return feedparser.parse(io.BytesIO(body))


def bare_abstract(body: bytes) -> object:
    """Clean an abstract of any length."""
    return clean_abstract(body.decode())


@dataclass(frozen=True, slots=True)
class Bomb:
    """How the bytes are made, our reader of them, and the bare one."""

    make: Callable[[], bytes]
    read: _Read
    bare: _Bare


_ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">'
_RSS = b'<rss version="2.0"><channel><item>'
_LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
_TEXT, _XML = b"<p>Some words of a page. " * 3, ET.fromstring
BOMBS: dict[str, Bomb] = {
    "gzip, 1 GB of zeros": Bomb(lambda: packed(1_000 * MEGABYTE), over_http("gzip"), unpacked(1)),
    "gzip in gzip, 5 GB": Bomb(lambda: packed(5_000 * MEGABYTE, 2), over_http("gzip, gzip"), unpacked(2)),
    "gzip in gzip in gzip, 5 GB": Bomb(
        lambda: packed(5_000 * MEGABYTE, 3), over_http("gzip, gzip, gzip"), unpacked(3)
    ),
    "page of nested divisions": Bomb(lambda: b"<div>" * 200_000, html.passages, LexborHTMLParser),
    "page of nested headings": Bomb(lambda: b"<h1><div>x" * 100_000, html.passages, LexborHTMLParser),
    "page of nested captions": Bomb(lambda: b"<figcaption>x" * 80_000, html.passages, LexborHTMLParser),
    "page of nested formulas": Bomb(lambda: b"<math>x" * 150_000, html.passages, LexborHTMLParser),
    "page whose ends end nothing": Bomb(
        lambda: b"<div><table><td></div></table>" * 33_000, html.passages, LexborHTMLParser
    ),
    "page of one tag's attributes": Bomb(
        lambda: b"<p " + b"".join(b"a%d=1 " % each for each in range(100_000)) + b">",
        html.passages,
        LexborHTMLParser,
    ),
    "page, an honest one of 1 MB": Bomb(lambda: _TEXT * 13_000, html.passages, LexborHTMLParser),
    "PDF, a page of 100 MB": Bomb(lambda: repeated_commands(8_000), pdf.passages, bare_pdf),
    "PDF of 200,000 pages": Bomb(lambda: repeated_page(200_000), pdf.passages, bare_pdf),
    "PDF, a picture of 400 MB": Bomb(lambda: large_image(20_000), pdf.passages, bare_pdf),
    "PDF, a table of 400 MB": Bomb(lambda: large_table(400 * MEGABYTE), pdf.passages, bare_pdf),
    "RSS of nested tags": Bomb(lambda: _RSS + b"<a>" * 330_000, as_rss, bare_feed),
    "RSS of empty items": Bomb(lambda: _RSS[:-6] + b"<item/>" * 140_000, as_rss, bare_feed),
    "Atom of nested tags, 20 MB": Bomb(lambda: _ATOM + b"<a>" * 6_600_000, as_atom, _XML),
    "Atom of growing entities": Bomb(
        lambda: b'<!DOCTYPE a [<!ENTITY a0 "ha">' + _LAUGHS + b"]>" + _ATOM + b"&a9;</feed>", as_atom, _XML
    ),
    "JSON of empty lists, 20 MB": Bomb(lambda: b"[" + b"[]," * 6_600_000 + b"0]", as_json, json.loads),
    "JSON of small objects, 20 MB": Bomb(lambda: b"[" + b'{"a":1},' * 2_400_000 + b"0]", as_json, json.loads),
    "JSON, a million deep": Bomb(lambda: b"[" * MEGABYTE, as_json, json.loads),
    "JSON, a number of 20 MB": Bomb(lambda: b"9" * 20 * MEGABYTE, as_json, json.loads),
    "abstract of back-quotes": Bomb(lambda: b"$ {^ " + b"`" * 99_990, as_abstract, bare_abstract),
    "abstract of open braces": Bomb(lambda: b"\\a{" * 33_000, as_abstract, bare_abstract),
    "abstract of nested markup": Bomb(lambda: b"<p><b><sup>1" * 8_300, as_abstract, bare_abstract),
    "abstract of nested markup, 1 MB": Bomb(lambda: b"<p><b><sup>1" * 83_000, as_record, bare_abstract),
}


async def read_bounded(name: str) -> str:
    """Read a bomb, and return the cells of its row."""
    body = BOMBS[name].make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    try:
        await BOMBS[name].read(body)
        verdict = "read"
    except (SourceUnavailable, Unreadable, Incomplete, atom.NotAtom, rss.NotRss) as error:
        verdict = str(error)[:70]
    seconds = time.perf_counter() - began
    own = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"{len(body):,} | {seconds:.2f} | {own} | {child or '–'} | {verdict}"  # noqa: RUF001 - a dash


def read_bare(name: str) -> str:
    """Read a bomb with the bare parser or decompressor, and return the cells of its row."""
    body = BOMBS[name].make()
    before = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_AS, (BARE_MEMORY, BARE_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (BARE_SECONDS + int(before.ru_utime),) * 2)
    began, end = time.perf_counter(), ""
    try:
        BOMBS[name].bare(body)
    except MemoryError:
        end = "over "
    except Exception as error:  # noqa: BLE001 - whatever a parser says
        end = "over " if "memory" in str(error).lower() else ""
    seconds = time.perf_counter() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss) // 1024
    return f"{seconds:.2f} | {end}{more}"


def in_a_process(name: str, *more: str) -> str | None:
    """Read a bomb in a process of its own; None if that was ended."""
    call = [sys.executable, __file__, "--only", name, *more]
    try:
        run = subprocess.run(call, capture_output=True, text=True, timeout=ENDED_AFTER, check=False)  # noqa: S603 - ourselves
    except subprocess.TimeoutExpired:
        return None
    return run.stdout.strip() or None


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="one bomb, in this process")
    parser.add_argument("--bare", action="store_true", help="without our bounds")
    options = parser.parse_args()
    if options.only:
        print(read_bare(options.only) if options.bare else asyncio.run(read_bounded(options.only)))
        return
    print("| bomb | bytes in | s | MB more here | MB in the reader | verdict | without bounds: s | MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in BOMBS:
        row = in_a_process(name) or f"| over {ENDED_AFTER} | | | ended"
        bare = in_a_process(name, "--bare") or f"over {BARE_SECONDS} |"
        print(f"| {name} | {row} | {bare} |", flush=True)


if __name__ == "__main__":
    main()
