"""What is small and says that it is large: it is bounded before it expands."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from asking import asking

from bot.domain.errors import SourceUnavailable
from bot.ports.coordination import Pace
from papers.documents import html, isolated, pdf, reader
from papers.documents.isolated import Unreadable
from papers.formats import atom, json_text, rss
from papers.formats.records import BadLine
from papers.sources import pages
from papers.sources.fetching import bodies, site
from papers.sources.fetching.bodies import CHUNK, BoundedBodies, TooLarge
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Response, Site
from papers.sources.pages import PublisherPages
from storage.shared.cache import LocalCache
from storage.shared.rate_limits import LocalRateLimiter

LARGEST = 200_000


def expanding(size: int) -> bytes:
    """As many zeros, compressed; nothing here ever holds them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    parts = [packer.compress(bytes(100_000)) for _ in range(size // 100_000)]
    return b"".join([*parts, packer.flush()])


class Body(httpx.AsyncBaseTransport):
    """Answers with a body in one piece, coded as is said."""

    def __init__(self, content: bytes, *codings: str) -> None:
        self._content = content
        self._codings = codings

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async def content() -> AsyncIterator[bytes]:
            yield self._content

        named = [("Content-Encoding", coding) for coding in self._codings]
        return httpx.Response(200, headers=named, content=content(), request=request)


async def read(content: bytes, *codings: str) -> tuple[list[int], BaseException | None]:
    """The sizes of the pieces that come out, and what they end with."""
    transport = BoundedBodies(Body(content, *codings), LARGEST)
    response = await transport.handle_async_request(httpx.Request("GET", "http://somewhere/"))
    pieces = []
    try:
        async for piece in response.aiter_bytes():
            pieces.append(len(piece))  # noqa: PERF401 - those before an error count as well
    except httpx.DecodingError as error:
        return pieces, error
    return pieces, None


async def test_one_piece_never_becomes_more_than_the_bound() -> None:
    pieces, error = await read(expanding(50_000_000), "gzip")
    assert isinstance(error, TooLarge)
    assert max(pieces) <= CHUNK
    assert sum(pieces) <= LARGEST


async def test_an_endless_plain_body_ends_at_the_bound() -> None:
    pieces, error = await read(bytes(LARGEST + 1))
    assert isinstance(error, TooLarge)
    assert pieces == []


@pytest.mark.parametrize(
    "codings",
    [("gzip, gzip",), ("gzip", "gzip"), ("gzip,gzip,identity,gzip",), ("br",), ("deflate",), ("x" * 9000,)],
)
async def test_any_other_coding_is_refused_unread(codings: tuple[str, ...]) -> None:
    pieces, error = await read(gzip.compress(gzip.compress(bytes(1000))), *codings)
    assert isinstance(error, httpx.DecodingError)
    assert pieces == []
    assert len(str(error)) < 150


@pytest.mark.parametrize("codings", [(), ("identity",), ("gzip",), ("GZip",), ("x-gzip, identity",)])
async def test_what_is_asked_for_comes_whole(codings: tuple[str, ...]) -> None:
    body = bytes(range(256)) * 700
    packed = gzip.compress(body) if any("zip" in each.lower() for each in codings) else body
    pieces, error = await read(packed, *codings)
    assert error is None
    assert sum(pieces) == len(body)


async def test_a_body_that_breaks_off_is_no_answer() -> None:
    _, error = await read(gzip.compress(b"hello" * 100)[:-9], "gzip")
    assert "breaks off" in str(error)
    assert (await read(b"", "gzip"))[1] is None


async def test_only_gzip_is_asked_for_and_a_bomb_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the wire: as an answer, nested, and as a redirect's body, which the client reads by itself."""
    asked = []
    bomb = expanding(50_000_000)

    async def page(request: web.Request) -> web.Response:
        asked.append(request.headers.getall("Accept-Encoding"))
        codings = {"nested": ", ".join(["gzip"] * 3)}.get(request.match_info["kind"], "gzip")
        status, more = (302, {"Location": "/end"}) if request.match_info["kind"] == "moved" else (200, {})
        body = gzip.compress(b"hello") if request.match_info["kind"] == "small" else bomb
        return web.Response(body=body, status=status, headers={"Content-Encoding": codings, **more})

    app = web.Application()
    app.router.add_get("/{kind}", page)
    decoded = 0
    real = bodies.zlib.decompressobj

    class Counting:
        def __init__(self, *arguments: int) -> None:
            self._real = real(*arguments)

        def decompress(self, data: bytes, longest: int) -> bytes:
            nonlocal decoded
            piece = self._real.decompress(data, longest)
            decoded += len(piece)
            return piece

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

    monkeypatch.setattr(bodies.zlib, "decompressobj", Counting)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with Fetcher(LocalRateLimiter(), LocalCache(), largest=LARGEST, attempts=1) as fetcher:
            there = Site("somewhere", url, Pace(0.0))
            for _ in range(2):
                assert (await fetcher.ask(there, "/small")).body == b"hello"
            for kind, said in (
                ("bomb", "larger than 200,000"),
                ("moved", "larger than 200,000"),
                ("nested", "is coded"),
            ):
                decoded = 0
                with pytest.raises(SourceUnavailable, match=said):
                    await fetcher.ask(there, f"/{kind}")
                assert decoded <= LARGEST + CHUNK
    assert all(each == ["gzip"] for each in asked)


NESTED = {
    "nested divisions": b"<div>" * 200_000,
    "headings in headings": b"<h1><div>x" * 100_000,
    "captions in captions": b"<figcaption>x" * 100_000,
    "formulas in formulas": b"<math>x" * 150_000,
    "fonts that nothing ends": b"".join(b"<font size=%d><p>" % number for number in range(50_000)),
}
QUADRATIC = {
    **NESTED,
    "attributes of one tag": b"<p " + b"".join(b"a%d=1 " % number for number in range(100_000)) + b">",
    "ends that end nothing": b"<div><table><td></div></table>" * 33_000,
}


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The real reader, which has one second of processor time."""
    real = Path(isolated._READER[-1]).read_text(encoding="utf-8")
    short = real.replace("SECONDS = 20\n", "SECONDS = 1\n").replace("SECONDS = 5\n", "SECONDS = 1\n")
    assert short.count("SECONDS = 1\n") == 2
    hurried = tmp_path / "reader.py"
    hurried.write_text(short, encoding="utf-8")
    monkeypatch.setattr(isolated, "QUICK_SECONDS", isolated.SECONDS)
    monkeypatch.setattr(isolated, "_READER", (*isolated._READER[:-1], str(hurried)))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("page", QUADRATIC.values(), ids=QUADRATIC)
async def test_a_page_that_takes_the_square_of_its_size_is_given_up(page: bytes) -> None:
    with pytest.raises(Unreadable, match=r"it is no page that can be read|it takes too long"):
        await html.passages(page)


@pytest.mark.parametrize("page", NESTED.values(), ids=NESTED)
def test_nesting_is_refused_before_it_is_parsed(page: bytes) -> None:
    with pytest.raises(reader.TooDeep):
        reader.refuse_deep_nesting(page)


@pytest.mark.parametrize(
    "page",
    [
        (b"<div>" * 400 + b"</div>" * 400) * 20,
        b"<ul>" + b"<li><p>one<br><img src=x>" * 5_000,
        b"<svg>" + b"<path d='M0 0'/>" * 5_000,
        b"<script>" + b"if (a<b ) document.write('<div>')\n" * 5_000 + b"</script><p>x",
        b"<!-- " + b"<div>" * 5_000 + b"--><p>x",
        b"<!-- " + b"<div>" * 5_000,
        b"1 <2 <three" * 5_000,
    ],
    ids=["deep", "open", "empty", "script", "comment", "endless comment", "prose"],
)
def test_what_only_looks_nested_is_read(page: bytes) -> None:
    reader.refuse_deep_nesting(page)


def test_a_page_has_processor_time_by_its_size() -> None:
    allowed = {size: reader._seconds_for_page(bytes(size)) for size in (0, 1_000_000, 5_000_000, 20_000_000)}
    assert allowed == {0: 2, 1_000_000: 2, 5_000_000: 3, 20_000_000: 5}


@pytest.mark.usefixtures("hurried")
async def test_so_is_a_publishers_page() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=QUADRATIC["nested divisions"], content_type="text/html")

    app = web.Application()
    app.router.add_get("/paper", answer)
    async with asking(TestServer(app)) as (fetcher, url):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(pages, "site_of", lambda _: Site("somewhere", url, pages.PACE))
            with pytest.raises(SourceUnavailable, match="its page cannot be read"):
                await PublisherPages(fetcher).read(f"{url.rstrip('/')}/paper")


@pytest.mark.usefixtures("hurried")
async def test_so_is_a_feed() -> None:
    feed = b'<rss version="2.0"><channel><item>' + b"<a>" * 300_000
    with pytest.raises(rss.NotRss, match="its answer cannot be read"):
        await rss.read(feed, "arxiv")


@pytest.mark.usefixtures("hurried")
async def test_a_pdf_whose_page_unpacks_to_four_hundred_megabytes_is_given_up() -> None:
    packer = zlib.compressobj()
    drawing = b"BT (x) Tj ET\n" * 10_000
    content = b"".join([*(packer.compress(drawing) for _ in range(3200)), packer.flush()])
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    )
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % each for each in enumerate(objects, start=1))
    bomb = b"%PDF-1.7\n" + numbered + b"trailer << /Root 1 0 R /Size 5 >>\n%%EOF"
    assert len(bomb) < 2_000_000
    with pytest.raises(Unreadable, match=r"it is no PDF that can be read|it takes too long"):
        await pdf.passages(bomb)


@pytest.mark.parametrize("body", [b"[" + b"[]," * 400_000 + b"0]", b"[" + b'{"a":1},' * 500_000 + b"0]"])
def test_json_of_too_many_values_is_not_read(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "MOST_VALUES", 500_000)
    with pytest.raises(SourceUnavailable, match="more than 500,000 values"):
        Response("somewhere", 200, body).json()


@pytest.mark.parametrize("body", [b"[" * 1_000_000, b"9" * 1_000_000, b'{"a":' * 300_000])
def test_json_that_is_deep_or_long_is_none(body: bytes) -> None:
    assert Response("somewhere", 200, body).json() is None


def test_xml_of_too_many_tags_is_not_read() -> None:
    feed = b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a>" * atom.MOST_TAGS
    with pytest.raises(atom.NotAtom, match="more than 1,000,000 tags"):
        atom.parsed(feed)


def test_xml_whose_entities_grow_is_not_read() -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    feed = (
        f'<!DOCTYPE feed [<!ENTITY a0 "ha">{entities}]><feed xmlns="http://www.w3.org/2005/Atom">&a9;</feed>'
    )
    with pytest.raises(atom.NotAtom, match="EntitiesForbidden"):
        atom.parsed(feed.encode())


class Counted(str):
    """A text that says how much of it was gone through to count lines."""

    __slots__ = ("gone",)

    def __init__(self, _: str) -> None:
        self.gone = 0

    def count(self, part: str, start: int = 0, end: int = 0) -> int:  # type: ignore[override]
        self.gone += end - start
        return super().count(part, start, end)


def test_lines_of_a_document_are_counted_once() -> None:
    document = Counted(json.dumps([{"title": "", "abstract": "b"}] * 1000, indent=0))
    found = list(json_text.read_document(document, "file"))
    assert [each.number for each in found if isinstance(each, BadLine)] == [2 + 4 * n for n in range(1000)]
    assert document.gone <= len(document)
