"""A poorer record never overwrites a richer one, in whatever order the two come."""

from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_merging import NAME, draft, stored, together

from bot.domain.merging import merged
from bot.domain.paper import Details, Paper, PaperDraft
from bot.domain.source import LINK, SAMPLE

FILES = st.sampled_from(["file", "another file"])
SOURCES = ("arxiv", "huggingface", "crossref", "openalex", "semanticscholar", "page", "file")
EIGHT = tuple(
    f"{given} {family}"
    for given, family in zip(
        ("Ada", "Ben", "Cy", "Di", "Émile", "Fay", "Gil", "Hanna"),
        ("Example", "Other", "Third", "Fourth", "Fifth", "de Sixth", "Seventh", "Müller-Eighth"),
        strict=True,
    )
)
WORDS = st.sampled_from(["kettles", "whistle", "loudly", "Café", "推論", "of", "tea", "at", "10⁹"])
TITLES = st.lists(WORDS, min_size=2, max_size=8).map(" ".join)
ABSTRACTS = st.lists(TITLES.map(lambda words: f"{words}."), min_size=1, max_size=4).map(" ".join)
DAYS = st.dates(date(1990, 1, 2), date(2030, 1, 1)).filter(lambda day: day.day > 1)
RECORDS = st.builds(
    lambda title, abstract, authors, day, venue, keywords: PaperDraft(
        title,
        abstract,
        "file",
        authors=authors,
        identifiers=NAME,
        published=day,
        details=Details(venue=venue, keywords=keywords),
    ),
    TITLES,
    ABSTRACTS,
    st.lists(st.sampled_from(EIGHT), min_size=3, max_size=8, unique=True).map(tuple),
    DAYS,
    st.sampled_from(["J. of Kettles", "NeurIPS 2024"]),
    st.lists(WORDS, min_size=1, max_size=4, unique=True).map(tuple),
)


def initials(name: str) -> str:
    given, _, family = name.partition(" ")
    return f"{given[0]}. {family}"


def cut_text(text: str, at: int) -> str:
    kept = text[: max(1, at % len(text))].rstrip()
    return f"{kept}…" if at % 2 else kept


AUTHORS_CUT = {
    "first": lambda authors: authors[:1],
    "et al.": lambda authors: (authors[0], "et al."),
    "and others": lambda authors: (f"{authors[0]} and others",),
    "half": lambda authors: authors[: len(authors) // 2],
    "initials": lambda authors: tuple(map(initials, authors)),
    "family first": lambda authors: tuple(f"{name.split()[-1]} {name[0]}" for name in authors[:2]),
    "all but the last, et al.": lambda authors: (*authors[:-1], "et al."),
    "none": lambda _: (),
}
FIELDS = ("title", "abstract", "authors", "published", "venue", "keywords")


@st.composite
def cut_somewhere(draw, record: PaperDraft) -> PaperDraft:
    """A record that says less than another one in some of its fields, and in none says something else."""
    fields = draw(st.sets(st.sampled_from(FIELDS), min_size=1))
    at = draw(st.integers(1, 500))
    changes: dict[str, object] = {}
    details = record.details
    if "title" in fields:
        changes["title"] = cut_text(record.title, max(3, at))
    if "abstract" in fields:
        changes["abstract"] = draw(st.sampled_from(["", cut_text(record.abstract, at)]))
    if "authors" in fields:
        changes["authors"] = AUTHORS_CUT[draw(st.sampled_from(sorted(AUTHORS_CUT)))](record.authors)
    if "published" in fields:
        day = record.published
        changes["published"] = draw(st.sampled_from([None, day.replace(day=1), day.replace(month=1, day=1)]))
    if "venue" in fields:
        venue = draw(st.sampled_from(["", "arXiv.org", "CoRR", "arXiv preprint arXiv:2406.00001", "bioRxiv"]))
        details = replace(details, venue=venue)
    if "keywords" in fields:
        details = replace(details, keywords=details.keywords[:-1])
    return replace(record, details=details, **changes)


def said(paper: Paper) -> tuple[object, ...]:
    details = paper.details
    return paper.title, paper.abstract, paper.authors, paper.published, details.venue, details.keywords


@given(st.data(), RECORDS)
def test_a_record_and_itself_cut_are_the_record(data, record):
    cut = data.draw(cut_somewhere(record))
    whole = stored(record)
    assert merged(whole, cut) == whole
    assert said(together(cut, record)) == said(whole)


@given(st.data(), RECORDS)
def test_the_order_of_rich_and_poor_imports_makes_no_difference(data, record):
    drafts = [record, *data.draw(st.lists(cut_somewhere(record), min_size=1, max_size=3))]
    for order in permutations(drafts):
        first, *others = order
        assert said(reduce(merged, others, stored(first))) == said(stored(record))


@pytest.mark.parametrize("better", SOURCES[:-1])
@pytest.mark.parametrize("cut", [name for name in sorted(AUTHORS_CUT) if name != "none"])
def test_not_even_a_better_source_replaces_authors_by_some_of_them(better, cut):
    rich, poor = draft("file", authors=EIGHT), draft(better, authors=AUTHORS_CUT[cut](EIGHT))
    assert together(rich, poor).authors == together(poor, rich).authors == EIGHT
    assert together(draft(better, authors=EIGHT), replace(poor, source="file")).authors == EIGHT


@pytest.mark.parametrize(
    ("field", "known", "correction"),
    [
        ("authors", ("Ada Exmaple", "Ben Other"), ("Ada Example", "Ben Other")),
        ("authors", ("Jon Example",), ("John Example",)),
        ("authors", ("Muller, A",), ("Ada Müller",)),
        ("authors", ("Air", "Ground Study Team"), ("Air and Ground Study Team",)),
        ("authors", ("A. Example", "Ben Other"), ("Ada Example", "B. Other")),
        ("authors", ("Ada Example",), ("Ada Example", "Ben Other")),
        ("authors", ("Ada Example", "et al."), ("Ada Example", "Ben Other")),
        ("abstract", "They whistle.", "They whistle. Loudly."),
        ("abstract", "They wistle. Loudly.", "They whistle."),
        ("title", "Ketles", "Kettles"),
        ("title", "Kettles", "Kettles: a study"),
        ("published", date(2024, 1, 1), date(2024, 3, 1)),
        ("published", date(2024, 5, 6), date(2024, 5, 7)),
        ("published", date(2024, 5, 6), date(2025, 1, 1)),
        ("venue", "arXiv", "NeurIPS"),
        ("venue", "NeurIPS", "ICML"),
    ],
)
def test_a_correction_by_the_same_source_stands(field, known, correction):
    paper = together(draft("file", **{field: known}), draft("file", **{field: correction}))
    found = paper.details.venue if field == "venue" else getattr(paper, field)
    assert found == correction


@pytest.mark.parametrize(
    "server",
    [
        "arXiv",
        "ArXiv.org",
        "arXiv preprint arXiv:2406.01234",
        "arXiv [cs.CL]",
        "arXiv (Cornell University)",
        "Cornell University - arXiv",
        "CoRR",
        "CoRR abs/2406.01234",
        "bioRxiv",
        "medRxiv",
        "SSRN Electronic Journal",
        "Research Square",
        "OSF Preprints",
        "Preprints.org",
        "IACR Cryptology ePrint Archive",
    ],
)
def test_a_servers_name_is_poorer_than_a_venue(server):
    rich, poor = draft("file", venue="J. of Kettles"), draft("file", venue=server)
    assert together(rich, poor).details.venue == together(poor, rich).details.venue == "J. of Kettles"


def test_what_is_whole_already_gives_way_to_a_better_source():
    known = draft("file", "Kettles (Oral)", abstract="Whole. And more.", authors=("Ada Example", "Ben Other"))
    paper = together(known, draft("arxiv", "Kettles", abstract="Whole.", authors=("Cy Third",)))
    assert (paper.title, paper.abstract, paper.authors) == ("Kettles", "Whole.", ("Cy Third",))


def test_a_later_version_of_the_same_source_may_be_shorter():
    first = draft("arxiv", "Kettles: a study", abstract="One. Two.", authors=EIGHT, version=1)
    second = draft("arxiv", "Kettles", abstract="One.", authors=EIGHT[:2], version=2)
    for paper in (together(first, second), together(second, first)):
        assert (paper.title, paper.abstract, paper.authors) == ("Kettles", "One.", EIGHT[:2])


def test_arxiv_gives_days_and_not_months():
    exact, other = draft("arxiv", published=date(2024, 1, 1)), draft("file", published=date(2024, 1, 5))
    assert together(other, exact).published == together(exact, other).published == date(2024, 1, 1)


@pytest.mark.parametrize("worse", ["people", SAMPLE, LINK])
def test_what_people_and_samples_say_gives_way_however_long_it_is(worse):
    long = draft(worse, "Kettles: our notes", abstract="Whole. And mo", authors=EIGHT)
    short = draft("file", "Kettles", abstract="Whole", authors=EIGHT[:1])
    for paper in (together(long, short), together(short, long)):
        assert (paper.title, paper.abstract, paper.authors) == ("Kettles", "Whole", EIGHT[:1])
