"""Full texts: arXiv's page first, then the PDF, read in bounds and cut into sentences that have places."""

import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asking import asking
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.document import Document, Passage
from bot.domain.errors import SourceUnavailable
from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper
from papers.documents import html, isolated, pdf, reader
from papers.documents.fetching import FullTextFetcher, _is_open
from papers.documents.isolated import Unreadable
from papers.documents.sentences import WORDS_A_PIECE, pieces
from tests.servers.sources.arxiv import ArxivServer
from tests.servers.sources.full_texts import FILLER, PAGE
from tests.servers.sources.full_texts import pdf as pdf_of

NAME = frozenset({Identifier(Scheme.ARXIV, "2406.00001")})
KETTLE = Paper(1, "Kettles", "They whistle.", "arxiv", datetime(2026, 9, 21, tzinfo=UTC), identifiers=NAME)
LONG = [FILLER.strip()] * 30
SORRY = "<article><p>No HTML for this paper could be made, we are sorry.</p></article>"
HEADED = st.text(max_size=200).map(lambda text: f"<main><p>{text}<h2>{text}".encode("utf-8", "replace"))


async def test_a_page_in_paragraphs_under_their_headings() -> None:
    found = await html.passages(PAGE.encode())
    assert [each.where for each in found] == ["Abstract", "1 Introduction", "2.1 Loudness", "2.2 Cost"]
    text = " ".join(each.text for each in found)
    assert "The spout is 2.4\N{MULTIPLICATION SIGN} louder than a trumpet at one metre." in text
    unwanted = ("Journal of Trumpets", "footnote", "Not this", "by the sea", "Report an issue", "Generated")
    assert not [each for each in unwanted if each in text]


@pytest.mark.parametrize("page", [b"", b"<", b"\xff\xfe", b"<p>short</p>", b"<article></article>" * 1000])
async def test_pages_without_a_text(page: bytes) -> None:
    assert await html.passages(page) == ()


@given(st.binary(max_size=200) | HEADED)
def test_any_page_can_be_read(page: bytes) -> None:
    assert all(each.text for each in html.passages_in(reader.page(page)))


async def test_a_pdf_page_by_page() -> None:
    first = ["Kettles that whistle", "We make kettles (and more)."]
    found = await pdf.passages(pdf_of(first, ["They are loud."], []))
    assert found == (
        Passage("Kettles that whistle We make kettles (and more).", "page 1"),
        Passage("They are loud.", "page 2"),
    )


async def test_a_pdfs_references_are_left_out() -> None:
    pages = (
        ["They are loud.", "References", "[1] A loud trumpet."],
        ["[2] Another trumpet."],
        ["[3] A third.", "Appendix A", "The spout is of tin."],
    )
    found = await pdf.passages(pdf_of(*pages))
    assert [(each.text, each.where) for each in found] == [
        ("They are loud.", "page 1"),
        ("Appendix A The spout is of tin.", "page 3"),
    ]


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7 and nothing more", b"<html>"])
async def test_what_is_no_pdf(document: bytes) -> None:
    with pytest.raises(Unreadable, match="it is no PDF that can be read"):
        await pdf.passages(document)


@given(st.integers(0, 700), st.binary(max_size=20))
@settings(max_examples=10)
async def test_a_damaged_pdf_is_read_or_refused(place: int, other: bytes) -> None:
    whole = pdf_of(["They are loud."])
    damaged = whole[:place] + other + whole[place + len(other) :]
    with contextlib.suppress(Unreadable):
        assert all(each.text for each in await pdf.passages(damaged))


@pytest.mark.parametrize(
    ("does", "seconds", "said"),
    [
        ("while True: pass", 1.5, "it takes too long to read"),
        ("x = bytearray(4 << 30)", 5.0, "it is no PDF that can be read"),
        ("import ctypes; ctypes.string_at(0)", 5.0, "it is no PDF that can be read"),
    ],
)
async def test_a_reader_that_loops_grows_or_crashes_is_ended(
    does: str, seconds: float, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real reader, in which something else happens in place of reading."""
    real = Path(isolated._READER[-1]).read_text(encoding="utf-8")
    spoilt = tmp_path / "reader.py"
    reading = "    pages, room = [], LONGEST_TEXT\n"
    assert reading in real
    spoilt.write_text(real.replace(reading, f"    {does}\n{reading}"), encoding="utf-8")
    monkeypatch.setattr(isolated, "_READER", (*isolated._READER[:-1], str(spoilt)))
    monkeypatch.setattr(isolated, "SECONDS", seconds)
    began = time.monotonic()
    with pytest.raises(Unreadable, match=said):
        await pdf.passages(pdf_of(["They are loud."]))
    assert time.monotonic() - began < 60


def test_sentences_are_numbered_under_their_headings() -> None:
    passages = (("One is here. Two is there.", "1 A"), ("Three.", "2 B"), ("Four. Five.", "1 A"))
    document = Document(tuple(Passage(*each) for each in passages), "x")
    found = [quote for piece in pieces(document) for quote in piece.quotes]
    assert [(each.text, each.number, each.of, each.where) for each in found] == [
        ("One is here.", 1, 4, "1 A"),
        ("Two is there.", 2, 4, "1 A"),
        ("Three.", 1, 1, "2 B"),
        ("Four.", 3, 4, "1 A"),
        ("Five.", 4, 4, "1 A"),
    ]


@given(st.lists(st.text("ab. ?!\n1", max_size=400), max_size=4))
def test_every_sentence_stands_in_its_piece_and_is_numbered_once(texts: list[str]) -> None:
    document = Document(tuple(Passage(text, f"page {place % 2}") for place, text in enumerate(texts)), "x")
    cut = pieces(document)
    for piece in cut:
        assert all(quote.text in piece.text for quote in piece.quotes)
        assert len(piece.quotes) == 1 or len(piece.text.split()) <= WORDS_A_PIECE
    quotes = [quote for piece in cut for quote in piece.quotes]
    of = Counter(quote.where for quote in quotes)
    assert all(quote.of == of[quote.where] for quote in quotes)
    assert len({(quote.where, quote.number) for quote in quotes}) == len(quotes)


@asynccontextmanager
async def fetching(fake: ArxivServer) -> AsyncIterator[FullTextFetcher]:
    async with asking(fake.server()) as (fetcher, url):
        yield FullTextFetcher(fetcher, url)


async def test_arxivs_page_comes_first() -> None:
    fake = ArxivServer(pages={"2406.00001": PAGE}, pdfs={"2406.00001": pdf_of(LONG)})
    async with fetching(fake) as texts:
        found = await texts.read(KETTLE)
    assert found is not None
    assert found.link == "https://arxiv.org/html/2406.00001"
    assert len(found.passages) == 4
    assert len(fake.asked) == 1


async def test_arxiv_asks_for_fewer_requests() -> None:
    fake = ArxivServer(pages={"2406.00001": PAGE})
    fake.say(200, "Rate exceeded.")
    async with fetching(fake) as texts:
        assert await texts.read(KETTLE) is not None
        fake.always = (200, "Rate exceeded.")
        with pytest.raises(SourceUnavailable, match="it asks for fewer requests"):
            await texts.read(KETTLE)


@pytest.mark.parametrize("pages", [{}, {"2406.00001": SORRY}])
async def test_the_pdf_where_there_is_no_page(pages: dict[str, str]) -> None:
    async with fetching(ArxivServer(pages=pages, pdfs={"2406.00001": pdf_of(LONG)})) as texts:
        found = await texts.read(KETTLE)
    assert found is not None
    assert (found.link, found.passages[0].where) == ("https://arxiv.org/pdf/2406.00001", "page 1")


async def test_no_text_that_is_open() -> None:
    async with fetching(ArxivServer()) as texts:
        assert await texts.read(KETTLE) is None
        links = ("https://example.org/a.pdf", "http://127.0.0.1:1/b.pdf", "https://[bad")
        nameless = Paper(2, "Cups", "", "page", KETTLE.added, links=links)
        assert await texts.read(nameless) is None, "and nobody asks at hosts that are not listed"


@pytest.mark.parametrize("link", ["http://[a.b", "http://xn--a.b/", "http://xn--/", "http://a:b/"])
def test_a_link_that_cannot_be_read_leads_to_no_text(link: str) -> None:
    assert not _is_open(link)


async def test_a_text_that_cannot_be_had_now() -> None:
    fake = ArxivServer(pdfs={"2406.00001": b"%PDF-1.7 damaged"})
    async with fetching(fake) as texts:
        with pytest.raises(SourceUnavailable, match="its PDF cannot be read: it is no PDF that can be read"):
            await texts.read(KETTLE)
        fake.always = (503, "")
        with pytest.raises(SourceUnavailable, match="it answered 503"):
            await texts.read(KETTLE)
