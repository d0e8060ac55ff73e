"""Files of papers, whole ones and broken ones."""

import codecs
import gzip
import io
import json
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import UserError
from bot.domain.identifiers import Identifier, parse
from bot.domain.paper import Details, PaperDraft
from papers.formats.files import describe, read
from papers.formats.records import BadLine

SHARED = Path(__file__).parents[2].parent / "shared"

PAGE = """new

Get trending papers in your email inbox!

Subscribe

byAK and the research community

Apr 17

Teaching Kettles to Whistle

We build on arXiv:2410.15027 and make kettles whistle 2.4times louder. Code: https://git.example/kettle_1.

Quiet Cups
with two lines

Cups make noise. We show that 30\\% of them need not.
"""
RECORDS = [
    {"id": "2503.11731", "date": "2025-03-18", "title": "Kettles", "abstract": "They\nwhistle.",
     "categories": ["cs.CV", "cs.RO"], "authors": ["Ada Example", "Ben Example"]},
    {"_id": "4983", "title": "Cups", "text": "They stand.", "url": "https://doi.org/10.1145/1.2", "links": ["https://a.example/x"]},
]  # fmt: skip
LINES = "\n".join(map(json.dumps, RECORDS))
DAILY = [
    {
        "paper": {
            "id": "2406.01234",
            "title": "Kettles",
            "summary": "They whistle.",
            "upvotes": 7,
            "publishedAt": "2024-06-03T00:00:00.000Z",
            "submittedOnDailyAt": "2024-06-04T01:02:03.000Z",
            "authors": [{"name": "Ada Example", "hidden": False}],
            "githubRepo": "https://git.example/kettle",
        },
        "title": "Kettles",
        "submittedBy": {"fullname": "Ben Example", "name": "ben"},
    }
]
BIBTEX = r"""% our library
@article{kettle,
  title = {The {K}ettle of {\'E}mile},
  author = {Example, Ada and M{\"u}ller, Ben},
  year = 2024, month = jun,
  journal = {arXiv preprint arXiv:2406.01234},
  abstract = {It whistles.}
}
@inproceedings{cup, title = {A Cup}, doi = {10.1145/1.2}, year = {2020}}
@misc{plate, title = {A Plate}, eprint = {cs/0501001}, archivePrefix = {arXiv}, primaryClass = {cs.CL}}
"""
ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
  <entry>
    <id>http://arxiv.org/abs/2406.01234v2</id>
    <title>Kettles that
      whistle</title>
    <summary>They do.</summary>
    <published>2024-06-03T12:00:00Z</published>
    <author><name>Ada Example</name></author>
    <link rel="alternate" href="https://arxiv.org/abs/2406.01234v2"/>
    <link rel="related" title="pdf" href="https://arxiv.org/pdf/2406.01234v2"/>
    <category term="cs.CL"/><category term="cs.AI"/>
    <arxiv:doi>10.1145/1.2</arxiv:doi>
  </entry>
  <entry><id>http://arxiv.org/abs/2406.01235v1</id><title>No more</title></entry>
</feed>
"""


def taken(content: str | bytes, name: str = "papers") -> list[PaperDraft | BadLine]:
    return list(read(io.BytesIO(content.encode() if isinstance(content, str) else content), name))


def only_papers(content: str | bytes, name: str = "papers") -> list[PaperDraft]:
    papers = taken(content, name)
    assert not [each for each in papers if isinstance(each, BadLine)]
    return [each for each in papers if isinstance(each, PaperDraft)]


def taken_or_refused(content: bytes, name: str) -> tuple[list[PaperDraft | BadLine], str | None]:
    try:
        return taken(content, name), None
    except UserError as error:
        return [], str(error)


def names(*written: str) -> frozenset[Identifier]:
    return frozenset(found for each in written if (found := parse(each)))


def test_a_saved_page() -> None:
    kettles, cups = only_papers(PAGE)
    assert kettles.title == "Teaching Kettles to Whistle"
    assert "whistle 2.4\N{MULTIPLICATION SIGN} louder" in kettles.abstract
    assert kettles.links == ("https://git.example/kettle_1",)
    assert kettles.identifiers == frozenset()
    assert kettles.submitted_by == "AK and the research community"
    assert (cups.title, cups.source) == ("Quiet Cups with two lines", "huggingface")
    assert cups.abstract == "Cups make noise. We show that 30% of them need not."


def test_a_page_tells_what_is_missing() -> None:
    long = "This abstract says a good deal about kettles and about cups. " * 6
    page = f"By itself\n\nA Title\n\n{long}\n\n{long}\n\nAnother Title\n\n{long}\n\nThe Last Title\n"
    found = taken(page)
    assert [each.title for each in found if isinstance(each, PaperDraft)] == ["A Title", "Another Title"]
    assert [(each.number, each.reason) for each in found if isinstance(each, BadLine)] == [
        (1, "No abstract follows this title."),
        (7, "An abstract stands here with no title above it."),
        (13, "No abstract follows this title."),
    ]


def test_json_lines() -> None:
    kettles, cups = only_papers(LINES)
    assert kettles == PaperDraft(
        "Kettles",
        "They whistle.",
        "file",
        authors=("Ada Example", "Ben Example"),
        identifiers=names("2503.11731"),
        categories=("cs.CV", "cs.RO"),
        published=date(2025, 3, 18),
    )
    assert cups.identifiers == names("10.1145/1.2")
    assert cups.links == ("https://a.example/x",)


@pytest.mark.parametrize(
    "content",
    [
        LINES.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF8 + LINES.encode(),
        LINES.encode("utf-16"),
        gzip.compress(LINES.encode()),
        f"\n\n{LINES}\n\n".encode(),
        json.dumps(RECORDS).encode(),
        json.dumps(RECORDS, indent=2).encode(),
        json.dumps({"count": 2, "papers": RECORDS}, indent=2).encode(),
    ],
    ids=["crlf", "bom", "utf-16", "gzip", "blank lines", "list", "indented list", "object"],
)
@pytest.mark.parametrize("name", ["papers", "papers.txt", "papers.json"])
def test_the_same_records_in_other_clothes(content: bytes, name: str) -> None:
    assert only_papers(content, name) == only_papers(LINES)


def test_a_bad_line_is_told_and_the_good_ones_go_on() -> None:
    bad = ["no json", "[]", "{}", '{"title": "Cups"}', '{"title": 3, "abstract": "x"}', '{"abstract": "x"}',
           '{"title": "  ", "abstract": "x"}', '{"title": "x", "abstract": "…"}',
           '{"title": "half', "[" * 100_000]  # fmt: skip
    good = json.dumps(RECORDS[0])
    found = taken("\n".join([good, *bad, good]))
    assert [isinstance(each, PaperDraft) for each in found] == [True, *(False for _ in bad), True]
    reasons = [(each.number, each.reason) for each in found if isinstance(each, BadLine)]
    assert reasons[0] == (2, "The line is not a JSON object.")
    assert reasons[2:8] == [
        (4, "It has no title."),
        (5, "It has no abstract."),
        (6, "Its title is not text."),
        (7, "It has no title."),
        (8, "It has no title."),
        (9, "It has no abstract."),
    ]
    assert all(len(each.excerpt) <= 80 for each in found if isinstance(each, BadLine))


def test_a_line_in_another_encoding_is_told() -> None:
    found = taken(LINES.encode() + "\n{'title': 'Café'}".encode("latin-1"))
    assert found[2] == BadLine(3, "The line is not UTF-8 text; save the file as UTF-8.", "{'title': 'Café'}")


def test_a_line_without_end_is_passed_over() -> None:
    found = taken(f'{LINES}\n{{"title": "{"x" * 9_000_000}"}}\n{LINES}')
    assert [type(each) for each in found] == [PaperDraft, PaperDraft, BadLine, PaperDraft, PaperDraft]


def test_a_half_downloaded_archive_gives_what_it_has() -> None:
    lines = "\n".join(
        json.dumps({**RECORDS[0], "abstract": f"Abstract {n} {n * n} {n**7}."}) for n in range(20_000)
    )
    packed = gzip.compress(lines.encode())
    found = taken(packed[: len(packed) * 3 // 4], "papers.jsonl.gz")
    assert sum(isinstance(each, PaperDraft) for each in found) > 10_000
    assert isinstance(found[-1], BadLine)
    assert found[-1].reason == "The compressed file is damaged from here on."


def test_a_broken_list_gives_what_comes_before() -> None:
    found = taken(json.dumps(RECORDS, indent=1)[:-20])
    assert isinstance(found[0], PaperDraft)
    assert isinstance(found[1], BadLine)
    assert found[1].reason == "From here on this is not JSON."


def test_hugging_face_answers() -> None:
    (kettles,) = only_papers(json.dumps(DAILY))
    assert kettles.identifiers == names("2406.01234")
    assert (kettles.upvotes, kettles.submitted_by, kettles.authors) == (7, "Ben Example", ("Ada Example",))
    assert (kettles.published, kettles.listed) == (date(2024, 6, 3), date(2024, 6, 4))
    assert kettles.links == ("https://git.example/kettle",)


def test_bibtex() -> None:
    kettle, cup, plate = only_papers(BIBTEX)
    assert (kettle.title, kettle.authors) == ("The Kettle of Émile", ("Ada Example", "Ben Müller"))
    assert (kettle.published, kettle.identifiers) == (date(2024, 6, 1), names("2406.01234"))
    assert (cup.abstract, cup.identifiers, cup.published) == ("", names("10.1145/1.2"), date(2020, 1, 1))
    assert (plate.identifiers, plate.categories) == (names("cs/0501001"), ("cs.CL",))


def test_bibtex_in_another_encoding() -> None:
    (paper,) = only_papers("@misc{x, title = {Café}}".encode("latin-1"))
    assert paper.title == "Café"


def test_broken_bibtex_entries_are_told_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    found = taken(
        "@misc{a, title = {Kettles}}\n@misc{b, title = {no end\n"
        "@misc{c, year = 2020}\n@misc{a, title = {Cups}}\n"
    )
    assert [each.title for each in found if isinstance(each, PaperDraft)] == ["Kettles", "Cups"]
    assert [(each.number, each.reason) for each in found if isinstance(each, BadLine)] == [
        (2, "This BibTeX entry is not closed or not well formed."),
        (3, "It has no title."),
    ]
    assert caplog.records == []


def test_atom() -> None:
    kettles, bad = taken(ATOM)
    assert kettles == PaperDraft(
        "Kettles that whistle",
        "They do.",
        "arxiv",
        authors=("Ada Example",),
        identifiers=names("2406.01234", "10.1145/1.2"),
        categories=("cs.CL", "cs.AI"),
        published=date(2024, 6, 3),
        details=Details(version=2),
    )
    assert bad == BadLine(15, "It has no abstract.", "No more")


@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (b"", "a.txt", "a.txt is empty."),
        (b"\n \n", "a.txt", "a.txt is empty."),
        (b"\x89PNG\x00\x01", "a.png", "a.png is not a text file."),
        (b"\x1f\x8b\x08broken", "a.gz", "a.gz is compressed and damaged."),
        (b"<html><body>hello</body></html>", "a.html", "a.html holds no papers that could be recognised."),
        (b"just a line", "a.txt", "a.txt holds no papers that could be recognised."),
        (ATOM[:-20].encode(), "a.xml", "a.xml cannot be read: it is not well-formed XML"),
        (
            ATOM.replace("<feed", '<!DOCTYPE x [<!ENTITY a "b">]><feed').encode(),
            "a.xml",
            "a.xml cannot be read",
        ),
        (b"\xff\xfe\x00\xd8x", "a.txt", "a.txt begins as UTF-16 text and is none."),
    ],
)
def test_files_that_cannot_be_read_say_why(content: bytes, name: str, text: str) -> None:
    with pytest.raises(UserError) as caught:
        taken(content, name)
    assert str(caught.value).startswith(text)


def test_files_on_disk(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^There is no file nothing\.txt\.$"):
        list(read(tmp_path / "nothing.txt"))
    with pytest.raises(UserError, match="cannot be opened"):
        list(read(tmp_path))
    page = tmp_path / "page.txt"
    page.write_text(PAGE, "utf-8")
    assert len(list(read(page))) == 2
    assert describe(page) == "Hugging Face Papers, Apr 17"
    assert [each.source for each in read(page, source="sample") if isinstance(each, PaperDraft)] == [
        "sample"
    ] * 2


def test_what_comes_through_a_pipe() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    assert len(list(read(Pipe(LINES.encode()), "-"))) == 2


RIS = "TY  - JOUR\nTI  - Kettles\nAU  - Example, Ada\nAB  - They whistle.\nPY  - 2020\nER  - \n"
NBIB = "PMID- 1\nTI  - Kettles.\nFAU - Example, Ada\nAB  - They whistle.\nDP  - 2020 Jan 2\n"
ENDNOTE = (
    "<xml><records><record><ref-type/><titles><title>Kettles</title></titles>"
    "<abstract>They whistle.</abstract></record></records></xml>"
)
TAGGED = "<html><head><meta name=citation_title content=Kettles><meta name=dc.description content=Cups>"
OWN = '{"kind": "papers", "id": 1, "title": "Kettles", "title_key": "k", "source": "file", "abstract": "A"}\n'
WORKS = '{"message": {"items": [{"DOI": "10.1145/1.2", "title": ["Kettles"], "abstract": "<p>A</p>"}]}}'
WHOLE = [PAGE, LINES, json.dumps(RECORDS, indent=1), json.dumps(DAILY), BIBTEX, ATOM]
BARE = [RIS, NBIB, ENDNOTE, TAGGED, OWN, WORKS]
"""In these a paper may come without an abstract."""


@given(st.sampled_from([*WHOLE, *BARE]), st.data())
def test_broken_files_never_crash_and_never_give_half_a_paper(whole: str, data: st.DataObject) -> None:
    content = bytearray(whole.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 40))
        content[place : place + length] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"}", b"\n\n", b"@a{", b"<"])
        )
    found, refusal = taken_or_refused(bytes(content), "papers")
    assert refusal is None or refusal.startswith("papers ")
    for each in found:
        if isinstance(each, PaperDraft):
            assert each.title
            assert each.abstract or b"@" in content or whole in BARE
        else:
            assert each.number > 0
            assert each.reason


@given(st.binary(max_size=300))
def test_any_bytes_are_papers_or_a_clear_refusal(content: bytes) -> None:
    for name in ("a.txt", "a.jsonl", "a.bib", "a.ris"):
        found, refusal = taken_or_refused(content, name)
        assert all(isinstance(each, (PaperDraft, BadLine)) for each in found)
        assert refusal is None or refusal.startswith(name)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared page is not here")
def test_the_page_that_the_project_began_with() -> None:
    page = SHARED / "seed/hf-papers-page.txt"
    papers = list(read(page))
    assert len(papers) == 116
    assert all(isinstance(each, PaperDraft) and not each.identifiers for each in papers)
    assert {each.submitted_by for each in papers if isinstance(each, PaperDraft)} == {
        "AK and the research community"
    }
    assert describe(page) == "Hugging Face Papers, Apr 17"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared papers are not here")
def test_arxiv_papers_come_as_they_are_written() -> None:
    for each in islice(read(SHARED / "data/arxiv/papers.jsonl.gz"), 500):
        assert isinstance(each, PaperDraft)
        assert len(each.identifiers) == 1
        assert each.authors
        assert each.categories
        assert each.published
