"""An identifier is a paper's own only where its file's format says so."""

import io
from pathlib import Path

import pytest

from bot.domain.identifiers import Identifier, names_volume, parse
from bot.domain.paper import PaperDraft
from papers.formats.files import read
from papers.formats.records import draft

CASES = Path(__file__).parents[1] / "cases"
SICI = "doi:10.1175/1520-0469(1963)020<{}>2.0.co;2"


def names_in(bibliography: bytes) -> list[list[str]]:
    found = [each for each in read(io.BytesIO(bibliography), "library.bib") if isinstance(each, PaperDraft)]
    return [sorted(map(str, paper.identifiers)) for paper in found]


def entry(fields: str, kind: str = "article") -> bytes:
    return f"@{kind}{{k, title={{Kettles}}, author={{Example, Ada}}, {fields}}}".encode()


@pytest.mark.parametrize(
    ("case", "names"),
    [
        (
            "01-bibtex-sici-single-colon",
            [[SICI.format("0130:sfk")], [SICI.format("0438:sac")], [SICI.format("0611:lop")]],
        ),
        ("02-bibtex-venue-link", [[], [], []]),
        ("04-bibtex-note-other-paper", [["arxiv:2406.01234"], []]),
        (
            "05-bibtex-mendeley-doi",
            [
                ["doi:10.1007/978-3-319-46448-0_2"],
                ["doi:10.1002/(sici)1097-4571(1998)49:8<693::aid-asi4>3.0.co;2-o"],
                ["doi:10.1007/978-3-319-46448-0_2"],
            ],
        ),
        ("17-bibtex-merging-url-proc", [[], [], []]),
    ],
)
def test_entries_of_other_programs(case: str, names: list[list[str]]) -> None:
    assert names_in((CASES / f"{case}.bib").read_bytes()) == names


def test_an_entry_of_dblp_has_the_number_that_its_volume_is() -> None:
    found = names_in((CASES / "28-dblp-crossref.bib").read_bytes())
    assert ["arxiv:2406.01234"] in found
    assert ["arxiv:0704.0001"] in found


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("journal={arXiv preprint arXiv:2406.01234}", ["arxiv:2406.01234"]),
        ("journal={ArXiv}, volume={abs/2406.01234}", ["arxiv:2406.01234"]),
        ("journal={CoRR}, volume={cs.CL/0001012}", ["arxiv:cs/0001012"]),
        ("journal={J. of Kettles}, volume={abs/2406.01234}", []),
        (r"howpublished={\url{https://arxiv.org/abs/2406.01234}}", ["arxiv:2406.01234"]),
        ("eprint={12345678}, eprinttype={pubmed}", ["pmid:12345678"]),
        ("eprint={hal-01234567}, archiveprefix={HAL}", ["hal:hal-01234567"]),
        ("pmid={12345678}, pmcid={PMC1234567}", ["pmc:PMC1234567", "pmid:12345678"]),
        ("doi={10.1145/1.2}, url={https://doi.org/10.1145/9.9}", ["doi:10.1145/1.2"]),
        (
            "doi={10.1145/1.2}, url={https://arxiv.org/abs/2406.01234}",
            ["arxiv:2406.01234", "doi:10.1145/1.2"],
        ),
        ("url={https://dl.acm.org/doi/pdf/10.1145/1.2?download=true}", ["doi:10.1145/1.2"]),
        *(
            (f"{key}={{Comment on arXiv:2406.01234}}", [])
            for key in ("note", "comment", "annote", "keywords")
        ),
        ("abstract={We answer doi:10.1145/1.2, and whistle.}", []),
    ],
)
def test_fields_that_name_the_entry_and_fields_that_may_name_another(fields: str, names: list[str]) -> None:
    assert names_in(entry(fields)) == [names]


def test_a_book_has_its_own_doi_and_a_chapter_has_not() -> None:
    fields = "doi={10.1007/978-3-030-58452-8}"
    assert names_in(entry(fields, "book")) == [["doi:10.1007/978-3-030-58452-8"]]
    for kind in ("inproceedings", "incollection", "InBook"):
        assert names_in(entry(fields, kind)) == [[]]
        assert names_in(entry("doi={10.1007/978-3-030-58452-8_7}", kind)) == [
            ["doi:10.1007/978-3-030-58452-8_7"]
        ]


@pytest.mark.parametrize(
    ("doi", "whole"),
    [
        ("10.1007/978-3-030-58452-8", True),
        ("10.1093/oso/9780198509844.001.0001", True),
        ("10.1093/oso/9780198509844.003.0002", False),
        ("10.1017/cbo9780511815478", True),
        ("10.1017/cbo9780511815478.004", False),
        ("10.1515/9783110222845", True),
        ("10.1515/9783110222845.12", False),
        ("10.18653/v1/2020.acl-main", True),
        ("10.18653/v1/2020.acl-main.12", False),
        ("10.4230/lipics.icalp.2020", True),
        ("10.4230/lipics.icalp.2020.7", False),
        ("10.1145/3292500.3330701", False),
        ("10.1038/nature12373", False),
    ],
)
def test_dois_of_volumes(doi: str, whole: bool) -> None:
    named = parse(doi)
    assert isinstance(named, Identifier)
    assert names_volume(named) is whole


def test_the_address_of_a_record_adds_to_its_names_and_contradicts_none() -> None:
    record = {
        "title": "Kettles",
        "externalIds": {
            "DOI": "10.1145/1.2",
            "PubMed": 12345678,
            "PubMedCentral": "1234567",
            "ACL": "P07-1001",
        },
        "url": "https://doi.org/10.1145/9.9",
        "pdf_url": "https://arxiv.org/pdf/2406.01234",
    }
    names = draft(record, "file", abstract_needed=False).identifiers
    assert sorted(map(str, names)) == [
        "acl:P07-1001",
        "arxiv:2406.01234",
        "doi:10.1145/1.2",
        "pmc:PMC1234567",
        "pmid:12345678",
    ]
