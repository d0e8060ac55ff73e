"""What several sources say of one paper comes to one description, whoever spoke first."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import reduce
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.identifier_tables import Scheme
from bot.domain.identifiers import Identifier
from bot.domain.merging import (
    changed_fields,
    changes,
    contradicted,
    merged,
    order_of,
    origin,
    same_papers,
)
from bot.domain.paper import Change, Details, News, Paper, PaperDraft, Standing
from bot.domain.source import LINK, OPERATOR, SAMPLE, UNRANKED, registered_sources

DOCUMENTED = Path(__file__).parents[2] / "docs/sources.md"
NOW = datetime(2026, 9, 21, 8, tzinfo=UTC)
NAME = frozenset({Identifier(Scheme.ARXIV, "2406.00001")})
SOURCES = (
    OPERATOR,
    "arxiv",
    "huggingface",
    "crossref",
    "openalex",
    "semanticscholar",
    "page",
    "file",
    "people",
    SAMPLE,
    LINK,
)


def draft(source: str, title: str = "Kettles", **values: object) -> PaperDraft:
    details = {field.name: values.pop(field.name) for field in fields(Details) if field.name in values}
    return PaperDraft(
        title, **{"abstract": "", **values}, source=source, identifiers=NAME, details=Details(**details)
    )


def stored(first: PaperDraft) -> Paper:
    """The row that a first description makes."""
    own = {field.name: getattr(first, field.name) for field in fields(first) if field.name != "references"}
    return Paper(1, added=NOW, **own)


def together(*drafts: PaperDraft) -> Paper:
    first, *others = drafts
    return reduce(merged, others, stored(first))


WORDS = st.sampled_from(["", "one", "two", "three"])
DRAFTS = st.builds(
    lambda source, title, abstract, authors, day, upvotes, details: PaperDraft(
        title,
        abstract,
        source,
        authors=authors,
        identifiers=NAME,
        published=day,
        upvotes=upvotes,
        details=details,
    ),
    source=st.sampled_from(SOURCES),
    title=st.sampled_from(["Kettles", "Cups", "Plates"]),
    abstract=WORDS,
    authors=WORDS.map(lambda word: (word,) if word else ()),
    day=st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 9)),
    upvotes=st.integers(0, 3),
    details=st.builds(
        Details,
        venue=WORDS,
        tldr=WORDS,
        citations=st.integers(0, 3),
        standing=st.sampled_from(list(Standing)),
    ),
)


@given(st.lists(DRAFTS, min_size=2, max_size=4, unique_by=lambda each: each.source))
def test_the_order_in_which_sources_speak_makes_no_difference(drafts):
    def without_order(paper: Paper) -> Paper:
        return replace(paper, links=(), categories=())

    assert len({repr(without_order(together(*each))) for each in permutations(drafts)}) == 1


@given(st.lists(DRAFTS, min_size=1, max_size=5))
def test_what_is_said_again_changes_nothing(drafts):
    paper = together(*drafts)
    assert merged(paper, drafts[-1]) == paper


@pytest.mark.parametrize("source", ["arxiv", "crossref", "file"])
def test_our_own_words_go_once_a_source_tells_of_the_paper(source):
    sample = draft(SAMPLE, abstract="As we would say it.", links=("https://a.example/code",), tldr="Ours.")
    told = draft(source, authors=("Ada",))
    for paper in (together(sample, told), together(told, sample)):
        assert (paper.source, paper.abstract, paper.details.tldr, paper.origins) == (source, "", "", {})
        assert (paper.authors, paper.links) == (("Ada",), ("https://a.example/code",))


@pytest.mark.parametrize(("better", "worse"), list(pairwise(order_of()[:-1])))
def test_the_better_sources_word_stands(better, worse):
    better, worse = better.replace("*", "file"), worse.replace("*", "file")
    good = draft(better, "Good", abstract="Good.", authors=("Good",), submitted_by="good", upvotes=1)
    bad = draft(worse, "Bad", abstract="Bad.", authors=("Bad",), submitted_by="bad", upvotes=2, tldr="Bad!")
    paper = together(bad, good)
    assert (paper.title, paper.abstract, paper.authors) == ("Good", "Good.", ("Good",))
    assert (paper.submitted_by, paper.upvotes, paper.source) == ("good", 1, better)
    assert paper.details.tldr == "Bad!"
    assert (origin(paper, "title"), origin(paper, "tldr")) == (better, worse)
    assert paper.origins == {"tldr": worse}


def test_no_two_sources_share_a_rank() -> None:
    ranked = [each.precedence for each in registered_sources() if each.precedence != UNRANKED]
    assert len(ranked) == len(set(ranked))
    for field in ("venue", "citations", "standing"):
        ranks = [each.field_precedence.get(field) for each in registered_sources()]
        assert len(set(ranks) - {None}) == len([rank for rank in ranks if rank is not None])


@pytest.mark.parametrize("field", ["venue", "citations"])
def test_some_fields_have_an_order_of_their_own(field):
    values = dict(zip(order_of(field), (11, 12, 13, 14), strict=False))
    words = {source: str(value) if field == "venue" else value for source, value in values.items()}
    drafts = [draft(source, **{field: value}) for source, value in words.items()]
    for each in permutations(drafts):
        paper = together(*each)
        assert getattr(paper.details, field) == words[order_of(field)[0]]
        assert origin(paper, field) == order_of(field)[0]


def test_one_sources_latest_word_stands_and_silence_is_none():
    paper = together(
        draft("huggingface", upvotes=3, abstract="Old."), draft("huggingface", upvotes=2), draft("arxiv")
    )
    assert (paper.upvotes, paper.abstract) == (2, "Old.")
    assert paper.origins == {"upvotes": "huggingface", "abstract": "huggingface"}


def test_a_title_that_only_looks_different_is_kept():
    assert together(draft("arxiv", "Kettles!"), draft("arxiv", "KETTLES")).title == "Kettles!"
    assert together(draft("huggingface", "Kettles!"), draft("arxiv", "KETTLES")).title == "KETTLES"


def test_an_older_version_says_nothing_of_the_text():
    new, old = (
        draft("arxiv", "New", version=3),
        draft("arxiv", "Old", version=2, abstract="Old.", venue="A venue"),
    )
    paper = together(new, old)
    assert (paper.title, paper.abstract, paper.details.version) == ("New", "", 3)
    assert paper.details.venue == "A venue"
    assert together(old, new).title == "New"


def test_a_withdrawal_stands_until_its_own_source_takes_it_back():
    withdrawn = draft("arxiv", version=2, standing=Standing.WITHDRAWN)
    assert together(withdrawn, draft("huggingface")).details.standing is Standing.WITHDRAWN
    assert together(withdrawn, draft("arxiv", version=1)).details.standing is Standing.WITHDRAWN
    assert together(withdrawn, draft("arxiv", version=3)).details.standing is Standing.GOOD
    retracted = draft("crossref", standing=Standing.RETRACTED)
    assert together(withdrawn, retracted).details.standing is Standing.RETRACTED
    assert together(retracted, withdrawn).details.standing is Standing.RETRACTED


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        ({"version": 1}, {"version": 3}, Change.VERSION),
        ({"version": 0}, {"version": 3}, None),
        ({"version": 3}, {"version": 3}, None),
        ({"version": 1}, {"version": 2, "standing": Standing.WITHDRAWN}, Change.WITHDRAWN),
        ({}, {"standing": Standing.RETRACTED}, Change.RETRACTED),
        ({"standing": Standing.WITHDRAWN}, {"standing": Standing.RETRACTED}, Change.RETRACTED),
        ({"standing": Standing.WITHDRAWN}, {"standing": Standing.WITHDRAWN, "version": 3}, None),
        ({"standing": Standing.WITHDRAWN}, {"standing": Standing.GOOD}, None),
        ({"upvotes": 1}, {"upvotes": 9}, None),
    ],
)
def test_what_people_should_hear_of(before, after, news):
    told = changes(stored(draft("arxiv", **before)), stored(draft("arxiv", **after)))
    assert told == (() if news is None else (News(1, news, after.get("version", 0)),))


@pytest.mark.parametrize("field", ["venue", "citations", "standing", "every other"])
def test_the_order_is_the_documented_one(field):
    order = order_of(field)
    row = f"| {field} | {', '.join(order).replace('*', 'any other')} |"
    assert row in DOCUMENTED.read_text(encoding="utf-8").splitlines()


def _titled(authors: tuple[str, ...], year: int | None) -> PaperDraft:
    published = date(year, 6, 1) if year else None
    return PaperDraft("Preface", "", "file", authors=authors, published=published)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((("Ada Example",), 2001), (("Ben Other",), 2001), False),
        ((("Ada Example",), 2001), (("Ada Example",), 2015), False),
        ((("Ada Example",), 2019), (("A. Example", "Ben Other"), 2021), True),
        ((("Wang Wei",), 2019), (("Wei Wang",), 2019), True),
        ((("Zoë Müller",), 2019), (("Z. Muller",), None), True),
        (((), 2001), (("Ben Other",), 2015), False),
        (((), 2024), (("Ben Other",), 2025), True),
        (((), None), (("Ben Other",), 2025), True),
        (((), None), ((), None), True),
    ],
)
def test_papers_of_one_title_are_one_unless_authors_or_years_contradict(one, other, same) -> None:
    known = stored(_titled(*other))
    assert bool(same_papers(_titled(*one), [known])) is same
    assert bool(same_papers(_titled(*other), [stored(_titled(*one))])) is same


def test_an_identifier_in_common_outweighs_authors_and_years() -> None:
    one = replace(_titled(("Ada Example",), 2001), identifiers=NAME)
    other = replace(_titled(("Ben Other",), 2015), identifiers=NAME)
    assert same_papers(one, [stored(other)])


ADA, BEN = ("Ada Example", "Cy Third"), ("Ben Other",)


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (("Kettles in part one", ADA, 2020), ("Cups in part one", BEN, 2020), True),
        (("Introduction", ADA, 2020), ("Introduction to kettles", BEN, 2020), True),
        (("Cups", (), 2001), ("Kettles", BEN, 2015), True),
        (("Kettles", ADA, 2001), ("Cups", ADA, 2015), True),
        (("Kettles", ADA, 2020), ("Cups", ("C. Third",), 2021), False),
        (("Kettles", ADA, 2020), ("KETTLES!", BEN, 2020), False),
        (("Kettles", ADA, 2020), ("Kettles: a study", BEN, 2020), False),
        (("Kettles that whistle loudly", ADA, 2020), ("Ketles that whistle loudly", BEN, 2020), False),
        (("Kettles that wh…", ADA, 2020), ("Kettles that whistle", BEN, 2020), False),
        (("Kettles", ADA, 2020), ("Чайники", ("Бен Другой",), 2020), False),
        (("Kettles", ADA, 2020), ("Wasserkessel", ("A. Example",), 2020), False),
        (("Kettles", (), 2020), ("Cups", (), 2020), False),
        (("Kettles", ADA, None), ("Cups", (), None), False),
    ],
)
def test_what_an_identifier_cannot_make_one(one, other, contradict) -> None:
    drafts = [
        PaperDraft(
            title, "", "file", authors=authors, identifiers=NAME, published=date(year, 6, 1) if year else None
        )
        for title, authors, year in (one, other)
    ]
    assert bool(contradicted(drafts[0], [stored(drafts[1])])) is contradict
    assert bool(contradicted(drafts[1], [stored(drafts[0])])) is contradict
    assert not contradicted(replace(drafts[0], identifiers=frozenset()), [stored(drafts[1])])


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_is_asked_by_identifier_updates_its_own_record(source) -> None:
    before = draft(source, "Kettles", authors=ADA, published=date(2001, 1, 1))
    after = draft(source, "Cups", authors=BEN, published=date(2020, 1, 1))
    own = source in {OPERATOR, "arxiv", "huggingface", "crossref", "openalex", "semanticscholar"}
    assert bool(contradicted(after, [stored(before)])) is not own


def test_what_changed_is_told_in_words() -> None:
    before = stored(draft("file"))
    after = replace(
        before, authors=ADA, published=date(2020, 1, 1), details=Details(tldr="Loud.", version=2), upvotes=3
    )
    assert changed_fields(before, after) == ("authors", "date", "up-votes", "TLDR", "version")
    assert changed_fields(before, replace(before, origins={"title": "x"})) == ("source",)
