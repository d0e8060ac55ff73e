"""The files in tests/cases, in shapes that people really have, and what is right of each."""

import io
from datetime import date
from pathlib import Path

import pytest

from bot.domain.errors import UserError
from bot.domain.identifiers import Identifier, parse
from bot.domain.paper import PaperDraft, Standing
from papers.embedding import MiniLM
from papers.formats.files import read
from papers.formats.records import BadLine
from papers.generations import Generation, Generations
from papers.search import HybridSearch
from papers.text import clean_abstract
from papers.vectors import unpack
from storage.index.full_text import FullTextIndex
from storage.index.vectors import VectorIndex

CASES = Path(__file__).parents[1] / "cases"


def papers_of(name: str) -> list[PaperDraft]:
    (file,) = CASES.glob(f"{name}-*")
    found = list(read(file))
    assert not [each for each in found if isinstance(each, BadLine)]
    return [each for each in found if isinstance(each, PaperDraft)]


def read_text(text: str | bytes, name: str = "papers") -> list[PaperDraft | BadLine]:
    return list(read(io.BytesIO(text.encode() if isinstance(text, str) else text), name))


def drafts_in(text: str | bytes, name: str = "papers") -> list[PaperDraft]:
    found = read_text(text, name)
    assert not [each for each in found if isinstance(each, BadLine)], found
    return [each for each in found if isinstance(each, PaperDraft)]


def names(*written: str) -> frozenset[Identifier]:
    return frozenset(found for each in written if (found := parse(each)))


def test_06_names_in_bibtex() -> None:
    assert [each.authors for each in papers_of("06")] == [
        ("Kettle and Cup, Inc.",),
        ("Hanna Mayer", "Air and Ground Study Team"),
        ("Ada Example",),
        ("Ada de Vries", "Ben Other"),
        ("Example A", "Other B", "Third C"),
    ]


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("{Barnes and Noble} and Example, Ada", ("Barnes and Noble", "Ada Example")),
        ("{{The Kettle Lab}}", ("The Kettle Lab",)),
        ("de la Vall{\\'e}e Poussin, Charles Louis Xavier", ("Charles Louis Xavier de la Vallée Poussin",)),
        ("King, Jr., Martin Luther", ("Martin Luther King Jr.",)),
        ("Example, Ada AND Other, Ben and {et al.}", ("Ada Example", "Ben Other", "et al.")),
        ("Ada Example 0001 and Ben Other 0012", ("Ada Example", "Ben Other")),
        ("Example, Ada; Other, Ben", ("Ada Example", "Ben Other")),
        ("Kettle Makers, Inc. and Example, A.", ("Kettle Makers, Inc.", "A. Example")),
        ("Example, A., Other, B.", ("A. Example", "B. Other")),
        ('given=Ada, family="Example"', ("Ada Example",)),
        ("M{\\\"u}ller, {Jos{\\'e}}", ("José Müller",)),
        ("Ada Example\nand\nothers", ("Ada Example",)),
        ("Example, Ada and", ("Ada Example",)),
        ("Ada Example, Ben Other and Cy Third", ("Ada Example", "Ben Other", "Cy Third")),
        ("family={de Vries}, given={Ada}, suffix=Jr and {OpenAI}", ("Ada de Vries Jr", "OpenAI")),
    ],
)
def test_names_in_every_form(written: str, people: tuple[str, ...]) -> None:
    (paper,) = drafts_in(f"@misc{{x, title={{Kettles}}, author={{{written}}}}}")
    assert paper.authors == people


def test_07_strings_that_are_joined() -> None:
    first, second, third = papers_of("07")
    assert (first.title, first.published) == ("Kettles that whistle", date(2016, 1, 10))
    assert (second.title, second.published) == ("Cups, Kettles and pots", date(2017, 6, 7))
    assert (third.details.venue, third.published) == ("Journal of Kettles", date(2018, 3, 1))


def test_08_dates_in_bibtex() -> None:
    assert [each.published for each in papers_of("08")] == [
        date(2019, 1, 1),
        date(2019, 5, 1),
        date(1991, 1, 1),
        date(2020, 6, 1),
        date(2020, 6, 7),
        date(2020, 6, 7),
        date(2019, 5, 6),
    ]


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ("year={c. 1999}", date(1999, 1, 1)),
        ("year={June 2020}", date(2020, 6, 1)),
        ("date={2019-21}", date(2019, 1, 1)),
        ("date={2019/}", date(2019, 1, 1)),
        ("date={2019-05-06/2019-05-08}", date(2019, 5, 6)),
        ("year=2001, month={June--July}", date(2001, 6, 1)),
        ("year=2001, month={Summer}", date(2001, 6, 1)),
        ("year=2001, month={12}", date(2001, 12, 1)),
        ("year=2001, month={mai}", date(2001, 1, 1)),
        ("year={2001--02}", date(2001, 1, 1)),
        ("year={forthcoming}", None),
        ("date={2020-02-30}", date(2020, 2, 1)),
        ("year=2019, month={10/11}", date(2019, 10, 1)),
        ("year=2019, month={July 7--9}", date(2019, 7, 7)),
    ],
)
def test_dates_with_ranges_and_words(fields: str, day: date | None) -> None:
    (paper,) = drafts_in(f"@misc{{x, title={{Kettles}}, {fields}}}")
    assert paper.published == day


def test_10_less_and_greater_in_bibtex_titles() -> None:
    assert [each.title for each in papers_of("10")] == [
        "When is an <object> a <b>?",
        "Rates with p < 0.05 and k > 3",
        "Tags such as <i> and <p> in kettles",
    ]


def test_braces_leave_every_text_of_an_entry() -> None:
    (paper,) = drafts_in(
        "@article{x, title={{The {K}ettle}}, abstract={{An {RNN} boils $O(n^{2})$.}},"
        " journal={{J. of {K}ettles}},"
        " author={{\\'{E}mile} {Example}}, keywords={{Tea}, {Pots}}, subtitle={A {C}up}}"
    )
    assert (paper.title, paper.abstract) == ("The Kettle: A Cup", "An RNN boils O(n²).")
    assert (paper.authors, paper.details.venue) == (("Émile Example",), "J. of Kettles")
    assert paper.details.keywords == ("Tea", "Pots")


def test_28_what_an_entry_inherits_and_what_is_no_paper() -> None:
    kettles, cups, pots = papers_of("28")
    assert (kettles.title, kettles.authors) == ("Kettles are all you boil", ("Ada Example", "Ben Other"))
    assert (kettles.published, kettles.details.venue) == (date(2017, 1, 1), "Advances in Kettles 30")
    assert (cups.title, cups.identifiers, cups.details.venue) == ("Cups", names("2406.01234"), "")
    assert (pots.title, pots.published) == ("Pots", date(2007, 1, 1))


def test_a_malformed_bibtex_entry_is_told_with_its_line() -> None:
    good = "@misc{a, title={Kettles}}\n"
    found = read_text(
        f"{good}\n@misc{{b, title={{Cups}} year=2020}}\n{good.replace('a', 'c', 1)}@misc{{d,\n title={{x\n"
    )
    assert [each.title for each in found if isinstance(each, PaperDraft)] == ["Kettles", "Kettles"]
    assert [each.number for each in found if isinstance(each, BadLine)] == [3, 5]


def test_11_arxivs_snapshot() -> None:
    kettles, pots = papers_of("11")
    assert kettles.authors == ("A. Exámple", "B. Other", "C.-P. Third", "D. Fourth")
    assert (kettles.title, kettles.published, kettles.details.version) == (
        "Kettles and cups",
        date(2007, 4, 2),
        2,
    )
    assert kettles.identifiers == names("0704.0001", "10.1103/kettled.76.013009")
    assert (kettles.categories, kettles.details.venue) == (("hep-ph", "math.CO"), "J.Kettles 1 (2008) 2")
    assert pots.authors == ("Ben Other", "Cy Third", "Di Fourth")
    assert (pots.published, pots.details.standing) == (date(1999, 1, 1), Standing.WITHDRAWN)


def test_12_an_answer_on_one_line() -> None:
    kettles, cups = papers_of("12")
    assert (kettles.identifiers, kettles.authors) == (names("2406.01234"), ("Ada Example",))
    assert (cups.identifiers, cups.title) == (names("10.1145/1.2"), "Cups")


def test_19_a_list_with_a_row_a_line() -> None:
    assert [each.title for each in papers_of("19")] == ["Kettles", "Cups", "Pots"]


def test_13_csl_json() -> None:
    (paper,) = papers_of("13")
    assert (paper.authors, paper.published) == (("Ada Example", "The Kettle Lab"), date(2020, 1, 2))
    assert (paper.identifiers, paper.details.venue) == (names("10.1145/1.2"), "Journal of Kettles")
    (bare,) = drafts_in('[{"id": "x", "title": "Cups", "author": [{"family": "Vries", "given": "Ada", '
                        '"non-dropping-particle": "de"}], "issued": {"raw": "2020-05"}}]')  # fmt: skip
    assert (bare.abstract, bare.authors, bare.published) == ("", ("Ada de Vries",), date(2020, 5, 1))


def test_23_notes_of_openreview() -> None:
    (paper,) = papers_of("23")
    assert (paper.title, paper.authors) == ("Kettles", ("Ada Example",))
    assert paper.identifiers == names("openreview:aBcD123456")
    first = (
        '{"id": "aBcD123456", "forum": "aBcD123456", "pdate": 1717400000000, "content": {"title": "Kettles"}}'
    )
    review = '{"id": "eFgH123456", "forum": "aBcD123456", "content": {"title": "Review"}}'
    kept, told = read_text(f"[{first},\n{review}]")
    assert isinstance(kept, PaperDraft)
    assert kept.published == date(2024, 6, 3)
    assert told == BadLine(2, "It is an answer to a paper, and no paper.", told.excerpt)


def test_47_works_of_crossref() -> None:
    tube, flow = papers_of("47")
    assert tube.title == "TUBE: Time-dependent kettles"
    assert tube.abstract == "Background: Kettles are loud. Methods: We heat them slowly."
    assert flow.title == "Flow kettles"


@pytest.mark.parametrize(
    "answer",
    [
        '{"status": "ok", "message": {"total-results": 1, "items": [%s]}}',
        '{"status": "ok", "message": %s}',
        "[%s]",
        "%s",
        '{"10.1145/9.1": %s}',
    ],
)
def test_crossrefs_answers(answer: str) -> None:
    work = (
        '{"DOI": "10.1145/9.1", "title": ["TUBE"], "subtitle": ["Of kettles"], "author": [{"given": "Ada", '
        '"family": "Example"}], "container-title": ["Kettles"], "issued": {"date-parts": [[2024, 6]]}}'
    )
    (paper,) = drafts_in(answer % work)
    assert (paper.title, paper.authors) == ("TUBE: Of kettles", ("Ada Example",))
    assert (paper.published, paper.details.venue) == (date(2024, 6, 1), "Kettles")


def test_openalexs_answer_and_a_data_set_of_semantic_scholar() -> None:
    work = (
        '{"meta": {"count": 1}, "results": [{"id": "https://openalex.org/W1", "display_name": "Kettles", '
        '"doi": "https://doi.org/10.1145/1.2", "abstract_inverted_index": {"whistle": [1], "They": [0]}}]}'
    )
    (paper,) = drafts_in(work)
    assert (paper.title, paper.abstract, paper.identifiers) == (
        "Kettles",
        "They whistle",
        names("10.1145/1.2"),
    )
    row = (
        '{"corpusid": 1, "externalids": {"ArXiv": "2406.01234"}, "title": "Cups", '
        '"publicationdate": "2024-06-03"}'
    )
    cups, cited = drafts_in(
        f'{row}\n{{"isInfluential": true, "citedPaper": {row.replace("Cups", "Pots")}}}\n'
    )
    assert (cups.identifiers, cups.published) == (names("2406.01234"), date(2024, 6, 3))
    assert cited.title == "Pots"


@pytest.mark.parametrize("form", ["lines", "list", "rows of a list", "object"])
def test_records_that_nobody_knows_are_one_sentence(form: str) -> None:
    row = '{"Name": "Kettles", "Kind": "tea"}'
    content = {
        "lines": f"{row}\n" * 339,
        "list": f"[{', '.join([row] * 339)}]",
        "rows of a list": "[\n" + ",\n".join([row] * 339) + "\n]",
        "object": f'{{"rows": [{row}]}}',
    }[form]
    with pytest.raises(UserError, match="holds no records of papers that are known here") as refused:
        read_text(content, "kettles.json")
    assert str(refused.value).count(".") < 8
    assert form == "object" or "their keys: Name, Kind" in str(refused.value)


@pytest.mark.parametrize("content", ["[1, 2, 3]", "[]\n{}\n", "no json\n" * 339])
def test_what_holds_no_objects_is_one_sentence_too(content: str) -> None:
    with pytest.raises(UserError, match="holds no records of papers"):
        read_text(content, "kettles.jsonl")


def test_json_that_breaks_off_gives_what_it_has_and_says_so() -> None:
    row = '{"title": "Kettles", "abstract": "They whistle."}'
    for content in (f'{{"items": [{row}], "next":', f"[{row},\n{row}", f'{{"items": [{row}, {{"title":'):
        *kept, told = read_text(content)
        assert kept
        assert all(isinstance(each, PaperDraft) for each in kept)
        assert isinstance(told, BadLine)


def test_values_one_below_the_other_and_a_long_first_line() -> None:
    row = '{\n "title": "Kettles",\n "abstract": "They whistle."\n}'
    assert len(drafts_in(f"{row}\n{row}\n")) == 2
    rows = (
        f'{{"paperId": "{number}", "title": "Kettle {number}", "abstract": "{"loud " * 60}"}}'
        for number in range(2000)
    )
    long = f'{{"data": [{", ".join(rows)}]}}'
    assert len(drafts_in(long)) == 2000
    assert len(drafts_in(f"{long.replace(', {', ',' + chr(10) + '{')}")) == 2000


def test_16_structured_abstracts() -> None:
    assert [each.abstract for each in papers_of("16")] == [
        "Background: Kettles are loud. Methods: We heat them slowly.",
        "Kettles are loud. Cups are not.",
        "We test kettles and cups.",
        "Objective: To heat water.",
        "kettles cups pots",
        "At x=2 they BOIL.",
    ]
    assert papers_of("16")[5].title == "Maths in N kettles"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("10<SUP>\N{MINUS SIGN}3</SUP> or 10<sup>-x</sup>", "10⁻³ or 10^(-x)"),
        ("the 10<sup>th</sup> of m<sup>2</sup>", "the 10th of m²"),
        ("&lt;i&gt;Kettlella&lt;/i&gt; at p &lt; 0.05", "Kettlella at p < 0.05"),
        ("<h4>Aims:</h4> To boil. <h4>Results?</h4><p>None.</p>", "Aims: To boil. Results? None."),
        ("<title>Abstract</title><p>We boil.</p>", "We boil."),
        ("<scp>D</scp>NA and <ce:italic>Kettlella</ce:italic>", "DNA and Kettlella"),
        ("<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>", "x²"),
        (
            (
                "<inline-formula><alternatives><mml:math><mml:mi>y</mml:mi></mml:math><tex-math>\\documentclass{x}"
                "\\begin{document}$$y$$\\end{document}</tex-math></alternatives></inline-formula>"
            ),
            "y",
        ),
        ("<p>One.</p>\n<p>Two.<br/>Three.</p><!-- no word -->", "One. Two. Three."),
        (
            "<jats:list><jats:list-item>a</jats:list-item><jats:list-item>b</jats:list-item></jats:list>",
            "a b",
        ),
        ("if a<b then b>a, in Map<K, V> and List<String>", "if a<b then b>a, in Map<K, V> and List<String>"),
        (
            "the <object> tag and a <b> that is never closed",
            "the <object> tag and a <b> that is never closed",
        ),
    ],
)
def test_markup_becomes_words(written: str, plain: str) -> None:
    assert clean_abstract(written) == plain
    assert clean_abstract(plain) == plain


@pytest.mark.slow
async def test_30_exact_words_are_found_first() -> None:
    papers = {number: (each.title, each.abstract) for number, each in enumerate(papers_of("30"), start=1)}
    embedder, full_text = MiniLM(), FullTextIndex()
    vectors = VectorIndex(embedder.dimensions)
    await full_text.put((number, *text) for number, text in papers.items())
    for number, packed in zip(papers, await embedder.papers(list(papers.values())), strict=True):
        vectors.add({str(number): unpack(packed, embedder.dimensions, embedder.word_dimensions)})
        vectors.put({number: str(number)})
    search = HybridSearch(Generations(Generation(embedder, vectors)), full_text)
    for words, number in (("专家模型", 1), ("推論", 2), ("推理", 1), ("음성 인식", 3), ("обучения", 6)):
        assert (await search.search(words, 3))[0].paper_id == number


def test_29_tags_in_titles() -> None:
    assert [(each.title, each.abstract) for each in papers_of("29")] == [
        ("Effects of Kettlella on DNA", "We use kettles."),
        ("Kettlella and CO2", "At 10⁻³ molar, 10⁹ cells and xi."),
        ("A kettle & a cup", "Aims: To boil."),
        ("The <html> tag and <T> in generic kettles", "We parse <s> and </s> tokens and Vec<T>."),
        ("Maths x² kettles", "With \N{GREEK SMALL LETTER ALPHA} and space."),
    ]


RIS = """TY  - JOUR
AU  - Example, Ada
AU  - The Kettle Lab
A2  - Editor, Ed
TI  - Kettles
  that whistle
JO  - Journal of Kettles
PY  - 2020
DA  - 2020/01/02/
AB  - They whistle.
KW  - tea
DO  - 10.1145/1.2
UR  - https://doi.org/10.1145/1.2
ER  - 

TY  - CPAPER
T1  - Cups
A1  - Vries, Jr., Ada
Y1  - 2021///
T2  - Conference on Cups
ER  - 
"""  # noqa: W291 - as managers write it


def test_ris() -> None:
    kettles, cups = drafts_in(RIS)
    assert (kettles.title, kettles.abstract) == ("Kettles that whistle", "They whistle.")
    assert (kettles.authors, kettles.published) == (("Ada Example", "The Kettle Lab"), date(2020, 1, 2))
    assert (kettles.identifiers, kettles.details.venue) == (names("10.1145/1.2"), "Journal of Kettles")
    assert kettles.details.keywords == ("tea",)
    assert (cups.title, cups.authors, cups.published) == ("Cups", ("Ada Vries Jr.",), date(2021, 1, 1))
    assert cups.details.venue == "Conference on Cups"


@pytest.mark.parametrize(
    "written",
    [
        "\ufeff" + RIS,
        RIS.replace("\n", "\r\n"),
        RIS.replace("ER  - \n", "\n"),
        RIS.replace("ER  - \n", "ER  -\n"),
        RIS.replace("  - ", " - "),
        RIS.replace("  - ", "  -"),
        RIS.replace("\n\n", "\n\ufeff"),
        "Exported on Monday\n\n" + RIS,
        RIS.rstrip(),
    ],
    ids=[
        "bom",
        "crlf",
        "no end",
        "bare end",
        "narrow",
        "no space",
        "bom inside",
        "words before",
        "no last line",
    ],
)
def test_ris_in_shapes_that_rispy_drops_in_silence(written: str) -> None:
    assert drafts_in(written) == drafts_in(RIS)


def test_a_ris_record_without_title_is_told_with_its_line() -> None:
    found = read_text(RIS.replace("T1  - Cups\n", ""))
    assert [each.number for each in found if isinstance(each, BadLine)] == [16]


NBIB = """PMID- 12345678
DP  - 2020 Jan 2
TI  - Kettles that whistle
      in the morning.
LID - 10.1145/1.2 [doi]
AB  - BACKGROUND: They whistle.
      METHODS: We listen.
FAU - Example, Ada
AU  - Example A
CN  - The Kettle Lab
JT  - Journal of kettles
OT  - tea

PMID- 12345679
DP  - 2021 Spring
TI  - Cups.
FAU - Other, Ben
PT  - Retracted Publication
AID - S1 [pii]
"""


def test_nbib() -> None:
    kettles, cups = drafts_in(NBIB)
    assert kettles.title == "Kettles that whistle in the morning"
    assert kettles.abstract == "BACKGROUND: They whistle. METHODS: We listen."
    assert (kettles.authors, kettles.published) == (("Ada Example", "The Kettle Lab"), date(2020, 1, 2))
    assert names("10.1145/1.2") <= kettles.identifiers
    assert (kettles.details.venue, kettles.details.keywords) == ("Journal of kettles", ("tea",))
    assert (cups.published, cups.details.standing) == (date(2021, 3, 1), Standing.RETRACTED)


ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records>
<record><database name="My.enl">My.enl</database><source-app name="EndNote">EndNote</source-app>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Example, Ada</style></author><author>The Kettle Lab
</author></authors><secondary-authors><author>Editor, Ed</author></secondary-authors></contributors>
<titles><title><style face="normal">Kettles at 10</style><style face="superscript">9</style>
<style face="normal"> and </style><style face="italic">Cups</style></title>
<secondary-title>Kettles</secondary-title></titles>
<periodical><full-title>Journal of Kettles</full-title></periodical>
<dates><year>2020</year><pub-dates><date>Jan 2</date></pub-dates></dates>
<abstract>They whistle at a &lt; b.</abstract><electronic-resource-num>10.1145/1.2</electronic-resource-num>
<urls><related-urls><url>https://kettle.example/1</url></related-urls></urls>
</record>
<record><ref-type name="Book">6</ref-type><titles/></record>
</records></xml>"""


def test_endnote_xml() -> None:
    kettles, told = read_text(ENDNOTE)
    assert isinstance(kettles, PaperDraft)
    assert (kettles.title, kettles.abstract) == ("Kettles at 10⁹ and Cups", "They whistle at a < b.")
    assert (kettles.authors, kettles.published) == (("Ada Example", "The Kettle Lab"), date(2020, 1, 2))
    assert (kettles.details.venue, kettles.links) == ("Journal of Kettles", ("https://kettle.example/1",))
    assert kettles.identifiers == names("10.1145/1.2")
    assert told == BadLine(14, "It has no title.", "")
    with pytest.raises(UserError, match="cannot be read: it is not well-formed XML"):
        read_text(ENDNOTE.replace("<xml>", '<!DOCTYPE x [<!ENTITY a "b">]><xml>', 1))


DAILY = """<!DOCTYPE html><!-- saved from url=(0028)https://huggingface.co/papers --><html><body>
<div class="SVELTE_HYDRATER contents" data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:[
{&quot;paper&quot;:{&quot;id&quot;:&quot;2406.01234&quot;,&quot;title&quot;:&quot;Kettles&quot;,
&quot;summary&quot;:&quot;They whistle.&quot;,&quot;upvotes&quot;:7,
&quot;authors&quot;:[{&quot;name&quot;:&quot;Ada Example&quot;}]}},
{&quot;paper&quot;:{&quot;id&quot;:&quot;2406.01235&quot;,&quot;title&quot;:&quot;Cups&quot;,
&quot;summary&quot;:&quot;They stand.&quot;}}]}"></div></body></html>"""


def test_a_page_of_hugging_face_that_a_browser_saved() -> None:
    kettles, cups = drafts_in(DAILY, "Daily Papers.html")
    assert (kettles.title, kettles.abstract, kettles.upvotes) == ("Kettles", "They whistle.", 7)
    assert (kettles.source, kettles.identifiers) == ("huggingface", names("2406.01234"))
    assert cups.title == "Cups"


def test_a_publishers_page_that_a_browser_saved() -> None:
    page = """<html><!-- saved from url=(0026)https://kettle.example/p/1 --><head>
    <meta name="citation_title" content="Kettles"><meta name="citation_author" content="Example, Ada">
    <meta name="citation_doi" content="10.1145/1.2"></head><body>"""
    (paper,) = drafts_in(page, "page.html")
    assert (paper.title, paper.authors, paper.source) == ("Kettles", ("Ada Example",), "page")
    assert (paper.identifiers, paper.links) == (names("10.1145/1.2"), ("https://kettle.example/p/1",))


def test_30_text_in_other_scripts_stays_as_it_is() -> None:
    assert [each.title for each in papers_of("30")][:2] == [
        "混合专家模型的高效推理",
        "大規模言語モデルの推論を速くする",
    ]
