"""Throw what is small and says that it is large at whatever reads foreign bytes, and print what it costs.

Each bomb goes off in a process of its own, whose peak memory and whose children's are the system's figures,
less what the process had before. What takes longer than 60 seconds is ended. Then it goes off once more for
what reads such bytes where nobody bounds it: the parser or decompressor that we use, by itself, in a process
that may have 2 GB and 30 seconds of processor time.
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
from papers.formats.records import Unfit, draft
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Site
from papers.text import clean_abstract
from storage.shared.cache import LocalCache
from storage.shared.rate_limits import LocalRateLimiter

ENDED_AFTER = 60
MEGABYTE = 1_000_000
BARE_MEMORY, BARE_SECONDS = 2_000_000_000, 30
_Read = Callable[[bytes], Awaitable[object]]
_Bare = Callable[[bytes], object]


def packed(size: int, times: int = 1) -> bytes:
    """Compress as many zeros, again and again; the checksum at the end is left out."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    first, more = (packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    found = first + more * (size // MEGABYTE - 1)
    for _ in range(times - 1):
        found = gzip.compress(found)
    return found


def drawn(times: int) -> bytes:
    """Make a PDF whose one page says something as many thousand times."""
    packer = zlib.compressobj()
    parts = [packer.compress(b"BT (x) Tj ET\n" * 1_000) for _ in range(times)]
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        stream(b"".join([*parts, packer.flush()])),
    )


def stream(packed_up: bytes, said: bytes = b"") -> bytes:
    """Make an object of a PDF out of what is compressed."""
    told = b"<< %s /Filter /FlateDecode /Length %d >>" % (said, len(packed_up))
    return told + b"\nstream\n" + packed_up + b"\nendstream"


def zeros(size: int) -> bytes:
    """Compress as many zeros, a megabyte at a time."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(MEGABYTE)) for _ in range(size // MEGABYTE)]
    return b"".join([*parts, packer.flush()])


def document(*objects: bytes) -> bytes:
    """Make a PDF, which begins with its catalogue."""
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + numbered + b"trailer << /Root 1 0 R /Size %d >>\n%%%%EOF" % (len(objects) + 1)


def paged(pages: int) -> bytes:
    """Make a PDF that shows one page as often as that."""
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * pages, pages),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        stream(zlib.compress(b"BT (x) Tj ET\n" * 100)),
    )


def pictured(side: int) -> bytes:
    """Make a PDF whose page is a picture of so many dots a side."""
    said = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        b"/Resources << /XObject << /I 5 0 R >> >> >>",
        stream(zlib.compress(b"q 600 0 0 800 0 0 cm /I Do Q")),
        stream(zeros(side * side), said % (side, side)),
    )


def referring(size: int) -> bytes:
    """Make a PDF whose table of objects, in a stream, is so many bytes long."""
    head = b"%PDF-1.7\n"
    said = b"/Type /XRef /Size %d /W [1 2 1] /Root 2 0 R" % (size // 4)
    table = b"1 0 obj\n" + stream(zeros(size), said) + b"\nendobj\n"
    return head + table + b"startxref\n%d\n%%%%EOF" % len(head)


def over_http(codings: str) -> _Read:
    """Fetch a body that says that it is coded so."""

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
    """Read an answer in JSON."""
    return Answer("somewhere", 200, body).json()


async def as_atom(body: bytes) -> object:
    """Read a feed of arXiv's interface."""
    return atom.parsed(body)


async def as_rss(body: bytes) -> object:
    """Read a feed of arXiv's announcements."""
    return await rss.read(body, "arxiv")


async def as_abstract(body: bytes) -> object:
    """Clean an abstract."""
    return clean_abstract(body.decode())


async def as_record(body: bytes) -> object:
    """Take in a paper with an abstract."""
    return draft({"title": "A title", "abstract": body.decode()}, "bomb")


def unpacked(times: int) -> _Bare:
    """Decompress as often."""

    def bare(body: bytes) -> object:
        for _ in range(times):
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body)
        return body

    return bare


def bare_pdf(body: bytes) -> object:
    """Read all pages of a PDF."""
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(body)]


def bare_feed(body: bytes) -> object:
    """Read a feed as feedparser does by itself."""
    return feedparser.parse(io.BytesIO(body))


def bare_abstract(body: bytes) -> object:
    """Clean an abstract however long it is."""
    return clean_abstract(body.decode())


@dataclass(frozen=True, slots=True)
class Bomb:
    """What is small, who reads it, and who would by itself."""

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
    "PDF, a page of 100 MB": Bomb(lambda: drawn(8_000), pdf.passages, bare_pdf),
    "PDF of 200,000 pages": Bomb(lambda: paged(200_000), pdf.passages, bare_pdf),
    "PDF, a picture of 400 MB": Bomb(lambda: pictured(20_000), pdf.passages, bare_pdf),
    "PDF, a table of 400 MB": Bomb(lambda: referring(400 * MEGABYTE), pdf.passages, bare_pdf),
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


async def go_off(name: str) -> str:
    """Read a bomb, and tell as cells of a row what it cost."""
    body = BOMBS[name].make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    try:
        await BOMBS[name].read(body)
        verdict = "read"
    except (SourceUnavailable, Unreadable, Unfit, atom.NotAtom, rss.NotRss) as error:
        verdict = str(error)[:70]
    seconds = time.perf_counter() - began
    own = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"{len(body):,} | {seconds:.2f} | {own} | {child or '–'} | {verdict}"  # noqa: RUF001 - a dash


def go_off_bare(name: str) -> str:
    """Let the parser or decompressor read a bomb by itself, and tell as cells of a row what it cost."""
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


def apart(name: str, *more: str) -> str | None:
    """Let a bomb go off in a process of its own; None where it was ended."""
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
    given = parser.parse_args()
    if given.only:
        print(go_off_bare(given.only) if given.bare else asyncio.run(go_off(given.only)))
        return
    print("| bomb | bytes in | s | MB more here | MB in the reader | verdict | without bounds: s | MB |")
    print("|---|---|---|---|---|---|---|---|")
    for name in BOMBS:
        row = apart(name) or f"| over {ENDED_AFTER} | | | ended"
        bare = apart(name, "--bare") or f"over {BARE_SECONDS} |"
        print(f"| {name} | {row} | {bare} |", flush=True)


if __name__ == "__main__":
    main()
