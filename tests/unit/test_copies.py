"""Which papers a reader would take for one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.paper import Paper
from bot.domain.separated import SeparatedPapers
from bot.posting.copies import chosen_copies

NOW = datetime(2026, 11, 30, tzinfo=UTC)
DOI, ARXIV = Identifier(Scheme.DOI, "10.1145/1.2"), Identifier(Scheme.ARXIV, "2406.00001")
ONE = Paper(
    1, "Kettles: a Study", "They whistle.", "test", NOW, ("Ada Example", "Bob Sample"), frozenset({DOI})
)
OTHER = replace(ONE, id=2, identifiers=frozenset({ARXIV, Identifier(Scheme.DOI, "10.1145/9.9")}))
RENAMED = replace(OTHER, title="How Kettles Whistle")


def chosen(
    *papers: Paper, cosine: float = 0.95, separated: tuple[tuple[int, int], ...] = ()
) -> dict[int, int]:
    pairs = [(one.id, other.id, cosine) for one in papers for other in papers if one.id != other.id]
    return chosen_copies({each.id: each for each in papers}, pairs, SeparatedPapers(separated, []))


def test_the_one_with_more_identifiers_is_shown_else_the_older_one() -> None:
    assert chosen(ONE, OTHER) == {1: 2, 2: 2}
    assert chosen(ONE, replace(OTHER, identifiers=frozenset({ARXIV}))) == {1: 1, 2: 1}


def test_another_title_needs_nearly_the_same_text() -> None:
    assert chosen(ONE, RENAMED) == {}
    assert chosen(ONE, RENAMED, cosine=0.985) == {1: 2, 2: 2}


@pytest.mark.parametrize("authors", [(), ("Eve Else",), ("Eve Else", "Bo Other", "Ann Third", "Bob Sample")])
def test_others_authors_write_other_papers(authors: tuple[str, ...]) -> None:
    other = replace(OTHER, authors=authors)
    assert chosen(ONE, other, cosine=0.999) == ({1: 2, 2: 2} if len(authors) == 4 else {})


def test_what_the_operator_separated_stays_two() -> None:
    assert chosen(ONE, OTHER, separated=((1, 2),)) == {}


def test_teams_have_copies_of_open_papers_but_not_of_each_others() -> None:
    own, theirs = replace(ONE, id=3, team_id=7), replace(ONE, id=4, team_id=8)
    assert chosen(own, theirs) == {}
    poor = replace(OTHER, id=9, identifiers=frozenset())
    assert chosen(own, poor) == {3: 9, 9: 9}


def test_three_copies_are_one() -> None:
    third = replace(ONE, id=5)
    assert chosen(ONE, OTHER, third) == {1: 2, 2: 2, 5: 2}
