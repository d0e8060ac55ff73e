"""Identifiers that show that papers were made one by mistake, and those that show nothing."""

import pytest

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier, names_volume
from bot.domain.wrong_names import wrong_names
from tests.unit.test_identifier_shapes import DOIS


def of(*written: str) -> frozenset[Identifier]:
    pairs = (each.split(":", 1) for each in written)
    return frozenset(Identifier(Scheme(scheme), value) for scheme, value in pairs)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("doi:10.1175/1520-0469(1963)020", "is cut"),
        ("doi:10.1002/(sici)1097-4571(1998)49:8", "is cut"),
        ("doi:10.1061/(asce)0887-3828(2005)19:1", "is cut"),
        ("openreview:NeurIPS", "is a venue's name"),
        ("openreview:TMLR_journal", "is a venue's name"),
        ("openreview:robot-learning", "is a venue's name"),
        ("doi:10.1007/978-3-319-46448-0", "is a whole volume's"),
        ("doi:10.3389/fnins.2020.00001/full", "is not written as identifiers are"),
        ("doi:10.1007/978-3-319-46448-0{\\_}2", "is not written as identifiers are"),
    ],
)
def test_what_is_no_papers_own(written: str, told: str) -> None:
    assert wrong_names(of(written)) == [f"{written} {told}"]


@pytest.mark.parametrize("value", [each.lower() for each in DOIS])
def test_a_whole_doi_shows_nothing_but_that_it_is_a_volumes(value: str) -> None:
    (name,) = of(f"doi:{value}")
    assert wrong_names({name}) == ([f"{name} is a whole volume's"] if names_volume(name) else [])


def test_two_identifiers_of_one_giver_are_told() -> None:
    assert wrong_names(of("doi:10.1145/1.2", "arxiv:2406.01234", "doi:10.1145/1.3", "arxiv:2406.01235")) == [
        "arxiv:2406.01234 and arxiv:2406.01235 name different papers",
        "doi:10.1145/1.2 and doi:10.1145/1.3 name different papers",
    ]


def test_a_preprints_doi_stands_beside_the_journals() -> None:
    assert wrong_names(of("doi:10.1101/2020.01.02.123456", "doi:10.1145/1.2", "openreview:aBcD123456")) == []
