"""Throw what is small and says that it is large at whatever reads foreign bytes, and print what it costs.

Each bomb goes off in a process of its own, whose peak memory and whose children's are the system's figures,
less what the process had before. What takes longer than 60 seconds is ended.
"""

import argparse
import asyncio
import gzip
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import SourceUnavailable
from bot.ports import Pace
from papers.documents import html, pdf
from papers.documents.apart import Unreadable
from papers.formats import atom, rss
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Answer, Site
from papers.text import clean_abstract
from storage.shared.cache import LocalCache
from storage.shared.limits import LocalRateLimiter

ENDED_AFTER = 60
MEGABYTE = 1_000_000
_Read = Callable[[bytes], Awaitable[object]]


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
    content = b"".join([*parts, packer.flush()])
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    )
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + numbered + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF"


def over_http(codings: str) -> _Read:
    """Fetch a body that says that it is coded so."""

    async def read(body: bytes) -> object:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=body, headers={"Content-Encoding": codings})

        app = web.Application()
        app.router.add_get("/", answer)
        async with TestServer(app) as server:
            url = str(server.make_url("")).rstrip("/")
            async with Fetcher(LocalRateLimiter(), LocalCache(), [url], attempts=1) as fetcher:
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


_ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">'
_RSS = b'<rss version="2.0"><channel><item>'
_LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
BOMBS: dict[str, tuple[Callable[[], bytes], _Read]] = {
    "gzip, 1 GB of zeros": (lambda: packed(1_000 * MEGABYTE), over_http("gzip")),
    "gzip in gzip, 5 GB": (lambda: packed(5_000 * MEGABYTE, 2), over_http("gzip, gzip")),
    "gzip in gzip in gzip, 5 GB": (lambda: packed(5_000 * MEGABYTE, 3), over_http("gzip, gzip, gzip")),
    "page of nested divisions": (lambda: b"<div>" * 200_000, html.passages),
    "page of nested headings": (lambda: b"<h1><div>x" * 100_000, html.passages),
    "page of nested captions": (lambda: b"<figcaption>x" * 80_000, html.passages),
    "page of nested formulas": (lambda: b"<math>x" * 150_000, html.passages),
    "PDF, a page of 100 MB": (lambda: drawn(8_000), pdf.passages),
    "RSS of nested tags": (lambda: _RSS + b"<a>" * 330_000, as_rss),
    "RSS of empty items": (lambda: _RSS[:-6] + b"<item/>" * 140_000, as_rss),
    "Atom of nested tags, 20 MB": (lambda: _ATOM + b"<a>" * 6_600_000, as_atom),
    "Atom of growing entities": (
        lambda: b'<!DOCTYPE a [<!ENTITY a0 "ha">' + _LAUGHS + b"]>" + _ATOM + b"&a9;</feed>",
        as_atom,
    ),
    "JSON of empty lists, 20 MB": (lambda: b"[" + b"[]," * 6_600_000 + b"0]", as_json),
    "JSON of small objects, 20 MB": (lambda: b"[" + b'{"a":1},' * 2_400_000 + b"0]", as_json),
    "JSON, a million deep": (lambda: b"[" * MEGABYTE, as_json),
    "JSON, a number of 20 MB": (lambda: b"9" * 20 * MEGABYTE, as_json),
    "abstract of back-quotes": (lambda: b"$ {^ " + b"`" * 99_990, as_abstract),
    "abstract of open braces": (lambda: b"\\a{" * 33_000, as_abstract),
}


async def go_off(name: str) -> str:
    """Read a bomb, and tell as a row what it cost."""
    make, read = BOMBS[name]
    body = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    try:
        await read(body)
        verdict = "read"
    except (SourceUnavailable, Unreadable, atom.NotAtom, rss.NotRss) as error:
        verdict = str(error)[:70]
    seconds = time.perf_counter() - began
    own = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"| {name} | {len(body):,} | {seconds:.2f} | {own} | {child or '–'} | {verdict} |"  # noqa: RUF001 - a dash


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="one bomb, in this process")
    only = parser.parse_args().only
    if only:
        print(asyncio.run(go_off(only)))
        return
    print("| bomb | bytes in | seconds | MB more here | MB in the reader | verdict |")
    print("|---|---|---|---|---|---|")
    for name in BOMBS:
        call = [sys.executable, __file__, "--only", name]
        try:
            row = subprocess.run(call, capture_output=True, text=True, timeout=ENDED_AFTER, check=False)  # noqa: S603 - ourselves
        except subprocess.TimeoutExpired:
            print(f"| {name} | | over {ENDED_AFTER} | | | ended |", flush=True)
            continue
        print(row.stdout.strip() or f"| {name} | | | | | died: {row.stderr.strip()[-60:]} |", flush=True)


if __name__ == "__main__":
    main()
