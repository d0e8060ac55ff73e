"""Every way in which people and pages name a paper leads to one identifier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, canonical_link, find_all, parse, title_key, version_in
from bot.domain.web_links import link_key

NEW = Identifier(Scheme.ARXIV, "2406.01234")
OLD = Identifier(Scheme.ARXIV, "cs/0501001")
KNOT = Identifier(Scheme.ARXIV, "math/0309136")
FORUM = Identifier(Scheme.OPENREVIEW, "aBc-D_12xy")


def doi(value: str) -> Identifier:
    return Identifier(Scheme.DOI, value)


NAMES = [
    ("2406.01234", NEW),
    ("2406.01234v2", NEW),
    ("2406.01234V12", NEW),
    ("  2406.01234\n", NEW),
    ("(2406.01234)", NEW),
    ("2406.01234.", NEW),
    ("2406.01234v1.pdf", NEW),
    ("0704.0001", Identifier(Scheme.ARXIV, "0704.0001")),
    ("1412.6980", Identifier(Scheme.ARXIV, "1412.6980")),
    ("1501.00001", Identifier(Scheme.ARXIV, "1501.00001")),
    ("arXiv:2406.01234", NEW),
    ("ARXIV:2406.01234v3", NEW),
    ("arxiv: 2406.01234", NEW),
    ("arXiv 2406.01234", NEW),
    ("cs/0501001", OLD),
    ("cs/0501001v2", OLD),
    ("cs.CL/0501001", OLD),
    ("arXiv:cs/0501001", OLD),
    ("math.GT/0309136", KNOT),
    ("hep-th/9901001", Identifier(Scheme.ARXIV, "hep-th/9901001")),
    ("cond-mat.stat-mech/9901001", None),
    ("https://arxiv.org/abs/2406.01234", NEW),
    ("http://arxiv.org/abs/2406.01234v1", NEW),
    ("arxiv.org/abs/2406.01234", NEW),
    ("https://arxiv.org/abs/2406.01234?context=cs.CL", NEW),
    ("https://arxiv.org/pdf/2406.01234", NEW),
    ("https://arxiv.org/pdf/2406.01234v2.pdf", NEW),
    ("https://arxiv.org/pdf/2406.01234.pdf#page=3", NEW),
    ("https://arxiv.org/html/2406.01234v1#S3.T1", NEW),
    ("https://arxiv.org/pdf/cs/0501001", OLD),
    ("https://arxiv.org/abs/cs%2F0501001", OLD),
    ("https://www.arxiv.org/abs/2406.01234", NEW),
    ("https://export.arxiv.org/abs/2406.01234", NEW),
    ("http://cn.arxiv.org/abs/2406.01234", NEW),
    ("http://xxx.itp.ac.cn/pdf/2406.01234", NEW),
    ("http://xxx.lanl.gov/abs/math.GT/0309136", KNOT),
    ("https://huggingface.co/papers/2406.01234", NEW),
    ("https://huggingface.co/papers/2406.01234#comments", NEW),
    ("https://huggingface.co/api/papers/2406.01234", NEW),
    ("hf.co/papers/2406.01234", NEW),
    ("https://www.alphaxiv.org/abs/2406.01234v2", NEW),
    ("https://alphaxiv.org/zh/overview/2406.01234", NEW),
    ("https://ar5iv.org/abs/2406.01234", NEW),
    ("https://ar5iv.labs.arxiv.org/html/2406.01234", NEW),
    ("https://www.semanticscholar.org/arxiv/2406.01234", NEW),
    ("https://api.semanticscholar.org/arXiv:2406.01234", NEW),
    ("https://doi.org/10.48550/arXiv.2406.01234", NEW),
    ("10.48550/arxiv.2406.01234v2", NEW),
    ("10.48550/arXiv.cs/0501001", OLD),
    ("<https://arxiv.org/abs/2406.01234|arxiv.org>", NEW),
    ("https://openreview.net/forum?id=aBc-D_12xy", FORUM),
    ("https://openreview.net/pdf?id=aBc-D_12xy", FORUM),
    ("https://openreview.net/forum?noteId=zzzzzzzzzz&id=aBc-D_12xy", FORUM),
    ("https://openreview.net/forum?id=aBc-D_12xy&noteId=zzzzzzzzzz", FORUM),
    ("10.1145/3292500.3330701", doi("10.1145/3292500.3330701")),
    ("doi:10.1145/3292500.3330701.", doi("10.1145/3292500.3330701")),
    ("DOI: 10.1145/3292500.3330701", doi("10.1145/3292500.3330701")),
    ("https://doi.org/10.1145/3292500.3330701", doi("10.1145/3292500.3330701")),
    ("https://dx.doi.org/10.1145/3292500.3330701,", doi("10.1145/3292500.3330701")),
    ("https://doi.org/10.1016%2FJ.AI.2020.103", doi("10.1016/j.ai.2020.103")),
    ("https://dl.acm.org/doi/pdf/10.1145/3292500.3330701?download=true", doi("10.1145/3292500.3330701")),
    ("https://link.springer.com/content/pdf/10.1007/s11263-020-1.pdf", doi("10.1007/s11263-020-1")),
    ("https://onlinelibrary.wiley.com/doi/10.1002/asi.2/full", doi("10.1002/asi.2")),
    (
        "https://www.biorxiv.org/content/10.1101/2020.01.02.123456v2.full.pdf",
        doi("10.1101/2020.01.02.123456"),
    ),
    ("(10.1016/S0004-3702(97)00043-X)", doi("10.1016/s0004-3702(97)00043-x")),
    (
        "10.1002/(SICI)1097-4571(1998)49:8<693::AID-ASI4>3.0.CO;2-O",
        doi("10.1002/(sici)1097-4571(1998)49:8<693::aid-asi4>3.0.co;2-o"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_one_name(text: str, expected: Identifier | None) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#57",
        "57",
        "1.2.3",
        "2.13.0",
        "version 2406.1",
        "v2406.01234",
        "2026-09-18",
        "18.09.2026",
        "2024.12345",
        "192.168.10.12",
        "10.0.0.1/24",
        "2406.01234567",
        "2406.012345",
        "+2406.01234",
        "2413.01234",
        "2400.01234",
        "2406.0123",
        "1412.69801",
        "0703.0001",
        "9912.01234",
        "2406.01234.5",
        "1.2406.01234",
        "$2406.01234",
        "2406.01234%",
        "3.2406.01234.1",
        "cs/0513001",
        "cs/050100",
        "news/0501001",
        "cs/05010012",
        "tel:2406.01234",
        "https://example.com/2406.01234",
        "https://example.com/?amount=2406.01234",
        "https://notarxiv.org/abs/2406.01234",
        "https://arxiv.org/list/cs.CL/recent",
        "https://huggingface.co/papers",
        "https://huggingface.co/papers/date/2026-09-18",
        "https://huggingface.co/datasets/2406.01234",
        "https://openreview.net/forum?noteId=aBc-D_12xy",
        "https://openreview.net/group?id=x",
        "10.48550/arXiv.2413.01234",
        "10.1145/",
        "see 2406.01234 please",
        "2406.01234,2406.01235",
    ],
)
def test_no_name(text: str) -> None:
    assert parse(text) is None


def test_names_in_running_text_come_in_order_and_once() -> None:
    text = (
        "Compare https://huggingface.co/papers/2406.01234, arXiv:cs/0501001v2 [cs.CL] and "
        "[this](https://doi.org/10.1145/3292500.3330701). Also (https://openreview.net/forum?id=aBc-D_12xy); "
        "again https://arxiv.org/pdf/2406.01234v2.pdf."
    )
    assert find_all(text) == (NEW, OLD, doi("10.1145/3292500.3330701"), FORUM)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<https://arxiv.org/abs/2406.01234|https://arxiv.org/abs/2406.01234> 👍", (NEW,)),
        ("[10.1145/1234](https://arxiv.org/abs/2406.01234)", (doi("10.1145/1234"), NEW)),
        (
            "10.1145/1234,10.1145/5678;https://arxiv.org/abs/2406.01234",
            (doi("10.1145/1234"), doi("10.1145/5678"), NEW),
        ),
        ("**10.1145/1234** and “10.1145/5678”", (doi("10.1145/1234"), doi("10.1145/5678"))),
        ("https://www.example.com/url?q=https://arxiv.org/abs/2406.01234&x=1", (NEW,)),
        ("updated 2026-09-18 to 2.13.0 on 10.0.0.1, call 2406.01234567", ()),
        ('{"doi":"10.1145/1234"}', (doi("10.1145/1234"),)),
        ("2406.01234\N{EN DASH}2406.01235", (NEW, Identifier(Scheme.ARXIV, "2406.01235"))),
    ],
)
def test_find_all(text: str, expected: tuple[Identifier, ...]) -> None:
    assert find_all(text) == expected


@pytest.mark.parametrize(
    ("identifier", "link"),
    [
        (NEW, "https://arxiv.org/abs/2406.01234"),
        (OLD, "https://arxiv.org/abs/cs/0501001"),
        (FORUM, "https://openreview.net/forum?id=aBc-D_12xy"),
        (doi("10.1145/1234.5678"), "https://doi.org/10.1145/1234.5678"),
    ],
)
def test_link_and_written_form_lead_back(identifier: Identifier, link: str) -> None:
    assert canonical_link(identifier) == link
    assert parse(link) == identifier
    assert parse(str(identifier)) == identifier


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = find_all(text)
    assert len(set(found)) == len(found)
    assert parse(text) in {None, *found}


@given(st.integers(7, 89), st.integers(1, 12), st.integers(0, 99999), st.sampled_from(["", "v1", "v23"]))
def test_every_valid_new_id_is_read(year: int, month: int, number: int, version: str) -> None:
    if year == 7:
        month = max(month, 4)
    digits = f"{number:05}" if year >= 15 else f"{number % 10000:04}"
    value = f"{year:02}{month:02}.{digits}"
    assert parse(value + version) == Identifier(Scheme.ARXIV, value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mixture-of-Experts: A Survey", "mixture of experts  a survey"),
        ("Attention Is All You Need.", "ATTENTION IS ALL YOU NEED"),
        ("ﬁne-tuning in 10² steps", "Fine tuning in 102 steps"),
        ("Na\u00efve Bayes", "Nai\u0308ve Bayes"),
        ("Straße", "STRASSE"),
    ],
)
def test_the_same_title_has_one_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://www.Example.org/Paper/", "example.org/Paper"),
        ("http://example.org/Paper#part", "example.org/Paper"),
        ("HTTPS://EXAMPLE.ORG", "example.org"),
        ("https://example.org/?id=7", "example.org?id=7"),
        ("https://me@example.org:8080/a", "example.org:8080/a"),
        ("ftp://example.org/a", None),
        ("example.org/a", None),
        ("https://", None),
        ("https://[", None),
        ("mixture of experts", None),
    ],
)
def test_links_to_one_page_have_one_key(link: str, key: str | None) -> None:
    assert link_key(link) == key


@given(st.text())
def test_a_title_key_is_its_own_key(title: str) -> None:
    assert title_key(title_key(title)) == title_key(title)


@pytest.mark.parametrize(
    "part", ["10.1145/", ")", "a.", "arxiv.org/", "openreview.net/forum?a=b&", "1", "%2f"]
)
def test_a_long_text_is_read_in_time(part: str) -> None:
    text = "10.1145/" + part * 20_000
    assert len(find_all(text)) <= len(text)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("http://arxiv.org/abs/2406.01234v2", 2),
        ("2406.01234v12", 12),
        ("arXiv:cs/0501001v3", 3),
        ("https://arxiv.org/pdf/2406.01234v1.pdf", 1),
        ("2406.01234", 0),
        ("10.1145/1.2v3", 0),
        ("", 0),
    ],
)
def test_versions(text: str, version: int) -> None:
    assert version_in(text) == version
