"""What a page is made of: pure functions, tried with whatever a source may say."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from bibtexparser.splitter import Splitter
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.inbound.forms import own_path
from adapters.web.render.assets import assets
from adapters.web.render.bibtex import bibtex
from adapters.web.render.text import address, matched, period_heading, prose
from adapters.web.render.views import card, links, pager, paper_view, ranked, score_text
from bot.domain.document import Span
from bot.domain.history import Activity
from bot.domain.paper import Details, Paper
from bot.domain.period import Period
from bot.domain.trending import score
from bot.domain.vote import TallyCount
from bot.protocol.replies import Hit, LeaderboardRow, Pages
from bot.protocol.wording import cleaned
from papers.formats.bibtex import read

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
TODAY = NOW.date()
PAPER = Paper(
    57,
    "Sparse Experts & Dense Ones: 100% of #1 ~ a_b",
    "Routing decides. It is cheap. It holds up.",
    "test",
    NOW,
    authors=("Ada Lund", "Bo Šmíd"),
    published=date(2024, 1, 2),
)
TEXT = st.text(max_size=60)


class Written(HTMLParser):
    """What a browser makes of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser gives them
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_an_entry_is_read_back_as_it_was():
    [draft] = read(bibtex(PAPER), "test")
    assert (draft.title, draft.authors, draft.published) == (PAPER.title, PAPER.authors, date(2024, 1, 1))


@given(st.text(min_size=1), st.lists(TEXT, max_size=3), TEXT)
def test_an_entry_is_one_entry_whatever_a_title_holds(title, authors, venue):
    paper = replace(PAPER, title=title, authors=tuple(authors), details=Details(venue=venue))
    library = Splitter(bibtex(paper)).split()
    assert len(library.entries) == 1
    assert not library.failed_blocks
    assert re.fullmatch(r"[a-z0-9]+", library.entries[0].key)


@given(TEXT, TEXT, TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_a_marked_sentence_is_only_text(before, sentence, behind, marks):
    paper = replace(PAPER, abstract=f"{before} {sentence} {behind}", details=Details())
    written = Written(str(matched(Hit(paper, sentence=sentence, marks=tuple(Span(*each) for each in marks)))))
    assert set(written.tags) <= {"mark", "span"}
    assert "…" in written.words or written.words in cleaned(f"{paper.abstract} {sentence}")


def test_the_words_that_answer_are_marked_or_else_the_whole_sentence():
    paper = replace(PAPER, abstract="Before. It is <cheap> & fast. Behind.")
    hit = Hit(paper, sentence="It is <cheap> & fast.", marks=(Span(7, 12), Span(16, 20)))
    assert str(matched(hit)) == (
        'Before. <span class="match">It is &lt;<mark>cheap</mark>&gt; &amp; <mark>fast</mark>.</span> Behind.'
    )
    assert "<mark>It is &lt;cheap&gt; &amp; fast.</mark>" in matched(replace(hit, marks=()))


@given(TEXT)
def test_prose_is_only_text_and_code(text):
    assert set(Written(str(prose(text))).tags) <= {"code"}


@given(st.text())
def test_a_form_leads_to_a_page_of_ours(path):
    led = own_path(path)
    assert led.startswith("/")
    assert not led.startswith("//")
    assert "\\" not in led


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "ftp://x.org/y", "//x.org", "x", "", None]
)
def test_only_http_is_followed(link):
    assert address(link) == ""
    assert address("https://example.org/a b") == "https://example.org/a%20b"


def test_links_lead_to_what_the_source_tells_of():
    paper = replace(
        PAPER,
        links=("https://example.org/paper", "javascript:x"),
        details=Details(
            code="https://github.com/a/b", models=("a/model",), datasets=("a/set",), spaces=("a/demo",)
        ),
    )
    assert [(each.text, each.address) for each in links(paper)] == [
        ("Read the paper", "https://example.org/paper"),
        ("Code", "https://github.com/a/b"),
        ("Model: a/model", "https://huggingface.co/a/model"),
        ("Data set: a/set", "https://huggingface.co/datasets/a/set"),
        ("Space: a/demo", "https://huggingface.co/spaces/a/demo"),
    ]


@given(st.integers(0, 500), st.integers(0, 9), st.integers(0, 9), st.integers(0, 30), st.integers(0, 40))
def test_a_score_is_written_out_as_it_is_reckoned(upvotes, up, down, comments, age):
    activity = Activity(1, date.fromordinal(TODAY.toordinal() - age), upvotes, TallyCount(up, down), comments)
    value, _, reckoned = score_text(activity, TODAY).partition(" = ")
    terms = reckoned.replace("÷", "/").replace("·", "*").replace("^", "**")
    terms = re.sub(r" days?", "", terms)
    assert float(value) == pytest.approx(eval(terms), abs=0.006)
    assert float(value) == pytest.approx(score(activity, TODAY), abs=0.006)


def test_a_row_without_votes_says_nothing_of_them():
    row = LeaderboardRow(1, PAPER, TallyCount(), 2)
    assert ranked(row, {}, None, TODAY).why == "2 comments"
    assert ranked(LeaderboardRow(1, PAPER, TallyCount()), {}, None, TODAY).why == ""
    assert ranked(LeaderboardRow(1, PAPER, TallyCount(1)), {}, None, TODAY).why == "👍 1 👎 0"


def test_a_paper_of_which_little_is_known_has_a_page_too():
    view = paper_view(Paper(1, "Gardens", "", "test", NOW), {}, "")
    assert (view.card.title, view.abstract, view.authors, view.links) == ("Gardens", "", (), ())
    assert card(Paper(1, "Gardens", "", "test", NOW), {}).authors == ""


def test_a_list_of_one_page_has_no_pager():
    assert pager(Pages("", 1, 1, 3), "/?page=") is None
    turned = pager(Pages("", 2, 3, 25), "/trending?page=")
    assert turned is not None
    assert (turned.before, turned.behind) == ("/trending?page=1", "/trending?page=3")
    assert turned.text == "Page 2 of 3 · 25 papers"


@pytest.mark.parametrize(
    ("name", "heading"),
    [("2026-04-17", "Friday 17 April 2026"), ("2026-W16", "Week 16 of 2026"), ("2026-04", "April 2026")],
)
def test_a_time_has_a_name(name, heading):
    assert period_heading(Period.named(name)) == heading


def test_a_files_address_changes_with_it():
    assert {
        name: bool(re.fullmatch(r"/static/\w+\.[0-9a-f]{12}\.\w+", each.address))
        for name, each in assets().items()
    } == {
        "favicon.svg": True,
        "paperclub.css": True,
        "paperclub.js": True,
    }
