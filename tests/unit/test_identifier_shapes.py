"""Whatever shape an identifier comes in, and whatever stands around it, it comes out the same and whole."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.identifier_tables import PAGES, SHAPES, Scheme
from bot.domain.identifiers import Identifier, canonical_link, find_all, parse
from bot.domain.web_links import link_key, link_written, links_in

CASES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parents[1] / "cases/identifiers.txt").read_text(encoding="utf-8").splitlines()
    if "\t" in line
]
DOIS = [
    "10.1145/3292500.3330701",
    "10.1007/978-3-319-46448-0_2",
    "10.1007/978-3-319-46448-0",
    "10.1016/S0004-3702(97)00043-X",
    "10.1016/0004-3702(95)00045-3",
    "10.1002/asi.2",
    "10.1002/asi.20",
    "10.1002/(SICI)1097-4571(1998)49:8<693::AID-ASI4>3.0.CO;2-O",
    "10.1002/(SICI)1097-4628(19960425)60:4<531::AID-APP6>3.0.CO;2-#",
    "10.1002/1521-3951(200009)221:1<453::AID-PSSB453>3.0.CO;2-Q",
    "10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2",
    "10.1175/1520-0469(1963)020<0130:DNFA>2.0.CO;2",
    "10.1130/0091-7613(1990)018<0001:ABCDEF>2.3.CO;2",
    "10.1579/0044-7447(2006)35[89:RDUICP]2.0.CO;2",
    "10.1890/0012-9658(2006)87[1445:ATOPDC]2.0.CO;2",
    "10.1061/(ASCE)0887-3828(2005)19:1(66)",
    "10.1023/A:1008929526011",
    "10.1088/0004-637X/750/1/99",
    "10.1088/1742-6596/1/1/001",
    "10.1093/nar/25.17.3389",
    "10.1093/mnras/staa123",
    "10.1093/acprof:oso/9780198509844.001.0001",
    "10.1093/acprof:oso/9780198509844.003.0001",
    "10.1162/tacl_a_00343",
    "10.1214/aos/1176344136",
    "10.18653/v1/N19-1423",
    "10.18653/v1/2020.acl-main.12",
    "10.18653/v1/2020.acl-main",
    "10.24963/ijcai.2019/1",
    "10.24963/ijcai.2019/12",
    "10.21203/rs.3.rs-12345/v1",
    "10.31234/osf.io/ab3de",
    "10.31234/osf.io/ab3de_v1",
    "10.26434/chemrxiv-2021-abc12-v2",
    "10.1101/2020.01.02.123456",
    "10.1101/gr.229102",
    "10.7717/peerj.1038/fig-2",
    "10.1371/journal.pone.0123456",
    "10.1371/journal.pone.0123456.g001",
    "10.1002/14651858.CD011412.pub4",
    "10.5281/zenodo.1234567",
    "10.1000.10/123",
    "10.1155/2020/1234567",
    "10.1140/epjc/s10052-020-7123-4",
    "10.1109/CVPR.2016.90",
    "10.1038/nature12373",
]
OTHERS = [
    "arxiv:2406.01234",
    "arxiv:0704.0001",
    "arxiv:hep-th/9901001",
    "arxiv:cs/0501001",
    "openreview:aBc-D_12xy",
    "pmid:12345678",
    "pmc:PMC1234567",
    "hal:hal-01234567",
    "acl:P07-1001",
    "acl:2022.coling-1.12",
    "pmlr:v97/example19a",
]
AROUND = [
    ("", ""),
    ("(", ")"),
    ("[", "]"),
    ("<", ">"),
    ('"', '"'),
    ("'", "',"),
    ("“", "”."),
    ("«", "»"),
    ("（", "）"),  # noqa: RUF001 - full-width marks are meant
    ("「", "」を読んだ"),
    ("《", "》。"),
    ("论文", "很好"),
    ("，", "，"),  # noqa: RUF001
    ("{", "}"),
    ("**", "**"),
    ("`", "`"),
    ("||", "||"),
    ("see ", ", and more"),
    ("(see ", ")."),
    ("", "; then"),
    ("", "!?"),
    ("", "…"),
    ("", "\u200b"),
    ("\ufeff", "\n"),
    ("<b>", "</b>"),
    ("<", "|a paper of ours>"),
    ("[a paper](", ")"),
    (r"\url{", "}"),
    ("&lt;", "&gt;"),
    ("&quot;", "&quot;"),
    ('{"id":"', '"}'),
]
IN_SENTENCES = st.sampled_from(AROUND)


def latex(name: str) -> str:
    return name.replace("_", r"{\_}").replace("<", r"{\textless}").replace(">", r"{\textgreater}")


def mendeley(name: str) -> str:
    return name.replace("_", r"\_").replace("<", r"{\&}lt;").replace(">", r"{\&}gt;")


def page(name: str) -> str:
    return name.replace("<", "&lt;").replace(">", "&gt;")


WRITTEN = st.sampled_from([str, str.upper, str.lower, latex, mendeley, page])
LINKED = st.sampled_from([
    "https://doi.org/{}",
    "http://dx.doi.org/{}",
    "HTTPS://DOI.ORG/{}",
    "doi.org/{}",
    "https://doi-org.proxy.lib.example.edu/{}",
    "https://publisher.example/doi/{}",
    "https://publisher.example/doi/{}/full",
    "https://publisher.example/doi/{}/pdf?download=true#page=2",
    "https://publisher.example/doi/{}/abstract/",
    "https://publisher.example/doi/{}?utm_source=slack&utm_medium=x",
    "https://publisher.example/doi/{}#citeas",
    "https://publisher.example/doi/pdf/{}.pdf",
    "https://publisher.example/show?format=x&doi={}&mobile=0",
    "https://web.archive.org/web/2020/https://doi.org/{}",
])  # fmt: skip


@pytest.mark.parametrize(("text", "names"), CASES)
def test_a_shape_that_people_have(text: str, names: str) -> None:
    assert (" ".join(map(str, find_all(text))) or "None") == names
    assert str(parse(text)) == ("None" if " " in names else names)


@given(st.sampled_from(DOIS), WRITTEN, IN_SENTENCES)
def test_a_doi_comes_out_whole(doi, write, around):
    assert find_all(around[0] + write(doi) + around[1]) == (Identifier(Scheme.DOI, doi.lower()),)


@given(st.sampled_from(DOIS), LINKED, st.booleans(), IN_SENTENCES)
def test_a_doi_in_a_link_comes_out_whole(doi, link, whole, around):
    written = link.format(quote(doi, safe="" if whole else "/:;()."))
    assert find_all(around[0] + written + around[1]) == (Identifier(Scheme.DOI, doi.lower()),)


@given(st.sampled_from(OTHERS), st.booleans(), IN_SENTENCES)
def test_any_other_identifier_comes_out_the_same(name, as_link, around):
    identifier = parse(name)
    assert str(identifier) == name
    written = canonical_link(identifier) if as_link else name
    assert find_all(around[0] + written + around[1]) == (identifier,)


def test_no_doi_of_the_table_is_cut_to_another() -> None:
    found = [parse(doi) for doi in DOIS]
    assert [str(each) for each in found] == [f"doi:{doi.lower()}" for doi in DOIS]
    assert len(set(found)) == len(DOIS)


@given(st.from_regex(r"10\.[1-9]\d{3}/[A-Za-z0-9]{1,8}([-._;()/:][A-Za-z0-9]{1,8}){0,4}", fullmatch=True))
def test_what_is_read_of_a_doi_is_all_of_it_or_none(doi):
    """Brackets must pair, and a publisher's words end a DOI; a plain one is kept to its last letter."""
    plain = not set("()/") & set(doi.partition("/")[2])
    found = parse(doi)
    if plain:
        assert str(found) in {f"doi:{doi.lower()}", "None"} or ";" in doi
        assert found is not None
    for each in find_all(doi):
        assert parse(str(each)) == each


def test_every_scheme_has_a_page_that_leads_back() -> None:
    assert set(PAGES) == set(Scheme)
    assert {shape.scheme for shape in SHAPES} == set(Scheme)


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("<https://example.org/p.pdf>", "https://example.org/p.pdf"),
        ("<https://example.org/p.pdf|p.pdf>", "https://example.org/p.pdf"),
        ("[a paper of ours](https://example.org/q.pdf)", "https://example.org/q.pdf"),
        ('[paper](<https://example.org/q.pdf> "Ours")', "https://example.org/q.pdf"),
        ("HTTPS://Example.org/s.pdf", "https://Example.org/s.pdf"),
        ("example.org/r.pdf", "https://example.org/r.pdf"),
        ("https://example.org/a.", "https://example.org/a"),
        ("“https://example.org/a”", "https://example.org/a"),
        ("https://example.org/a(b)", "https://example.org/a(b)"),
        ("https://example.org", "https://example.org"),
        ("ftp://example.org/a", None),
        ("example.org", None),
        ("mixture of experts", None),
        ("1.5/2", None),
        ("see https://example.org/a", None),
        ("https://", None),
        ("", None),
    ],
)
def test_a_link_however_it_is_written(written: str, link: str | None) -> None:
    assert link_written(written) == link


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org/a",
        "https://www.example.org/a/",
        "https://example.org/a#part",
        "https://example.org:443/a",
        "https://example.org/a?utm_source=slack&utm_medium=x",
        "https://example.org/a?fbclid=x",
        "https://example.org/a?gclid=x&ref_src=twsrc",
        "https://example.org/a?",
    ],
)
def test_one_page_has_one_key(link: str) -> None:
    assert link_key(link) == link_key("https://example.org/a") == "example.org/a"
    assert link_key("https://example.org/a?id=7&utm_source=x") == "example.org/a?id=7"


def test_links_in_messages() -> None:
    text = (
        "看https://doi.org/10.1145/3292500.3330701。还有「https://example.org/a」, <https://example.org/b>, "
        "[ours](https://example.org/c), HTTPS://example.org/d! arxiv.org/abs/2406.01234 ||https://example.org/e||"
    )
    assert links_in(text) == (
        "https://doi.org/10.1145/3292500.3330701",
        "https://example.org/a",
        "https://example.org/b",
        "https://example.org/c",
        "https://example.org/d",
        "https://arxiv.org/abs/2406.01234",
        "https://example.org/e",
    )
    assert links_in("mail ada@example.org/x, see 1.5/2 or and/or") == ()
