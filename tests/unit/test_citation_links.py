"""What is known of who cites whom."""

from bot.intake import citation_links
from bot.intake.citation_links import CitationLinks


def test_a_paper_cites_another_and_not_the_other_way_round():
    links = CitationLinks()
    links.learn([(1, 2), (3, 3)])
    assert links.cites(1, 2)
    assert not links.cites(2, 1)
    assert not links.cites(3, 3)


def test_shared_references_are_counted():
    links = CitationLinks()
    links.learn([(1, 10), (1, 11), (1, 12), (2, 10), (2, 11), (3, 12), (4, 13)])
    assert links.shared_references(1) == {2: 2, 3: 1}
    assert links.shared_references(9) == {}


def test_it_stays_small(monkeypatch):
    monkeypatch.setattr(citation_links, "MOST_PAPERS", 2)
    links = CitationLinks()
    links.learn([(1, 10), (2, 10), (3, 10)])
    assert not links.cites(1, 10)
    assert links.shared_references(2) == {3: 1}
