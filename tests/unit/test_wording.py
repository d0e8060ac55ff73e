from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.paper import Change, Details, News, Paper, Standing
from bot.domain.subscription import EVERY_DAY, Slot, SubscriptionSpec, Weekday
from bot.domain.vote import PaperStatus, TallyCount, Vote
from bot.protocol.replies import BoardDates, LeaderboardRow, Pages
from bot.protocol.wording import (
    cleaned,
    coming_text,
    counted,
    curators_text,
    day_text,
    facts,
    news_text,
    pages_text,
    paper_details,
    past_text,
    rank_text,
    shortened,
    status_text,
    submitters_text,
    subscription_text,
)

PAPER = Paper(1, "Kettles", "", "test", datetime(2026, 11, 25, tzinfo=UTC))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\x07\x00\x9bb", "ab"),
        ("one\ntwo\r\n\tthree\u2028four", "one two three four"),
        ("half \ud800 pair", "half pair"),
        ("\ufeffmark\u200b", "mark"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_foreign_text_steers_nothing(raw, clean):
    assert cleaned(raw) == clean


@given(st.text())
def test_clean_text_is_printable_on_one_line(raw):
    clean = cleaned(raw)
    assert cleaned(clean) == clean
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in clean)
    clean.encode()


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("cut between words, please", 19, "cut between words…"),
        ("unbreakablelongword", 8, "unbreak…"),
    ],
)
def test_shortening(text, length, short):
    assert shortened(text, length) == short
    assert len(short) <= length


def test_times_are_told_where_the_reader_is():
    at = datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert coming_text(at, "Europe/Paris") == "Wed 25 Nov, 09:00 Europe/Paris"
    assert past_text(at, "Asia/Tokyo") == "Wed 25 Nov 2026, 17:00"
    assert day_text(date(2026, 11, 5)) == "Thu 5 Nov 2026"


def test_counting():
    assert [counted(number, "paper") for number in (0, 1, 2)] == ["0 papers", "1 paper", "2 papers"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (EVERY_DAY, "Every day"),
        (EVERY_DAY - {Weekday.SAT, Weekday.SUN}, "Monday to Friday"),
        (frozenset({Weekday.SUN, Weekday.SAT}), "Saturday and Sunday"),
        (frozenset({Weekday.WED, Weekday.MON}), "Mon, Wed"),
    ],
)
def test_a_subscription_is_told_in_words(days, said):
    wanted = SubscriptionSpec("kettles", Slot(time(9), "UTC"), days, frozenset({"cs.CV", "cs.AI"}), 1, 3)
    assert subscription_text(wanted) == (
        f"{said} at 09:00 UTC · at most 3 papers a day · at least 1 up-vote · only cs.AI, cs.CV"
    )


def test_what_is_not_known_is_left_out():
    assert facts(PAPER) == ""
    assert status_text(PaperStatus(), zeros=False) == ""
    assert status_text(PaperStatus()) == "👍 0 👎 0"
    assert status_text(PaperStatus(own_vote=Vote.DOWN, saved=True), zeros=False) == "you voted 👎 · saved"
    assert pages_text(Pages("view", 1, 1, 3)) == "3 papers"
    assert pages_text(Pages("view", 2, 3, 30)) == "page 2 of 3 · 30 papers"
    assert rank_text(LeaderboardRow(1, PAPER, TallyCount(1))) == "👍 1 👎 0"
    assert rank_text(LeaderboardRow(1, PAPER, TallyCount(1), 1, 7)) == (
        "👍 1 👎 0 · 1 comment · 7 up-votes at its source"
    )
    known = replace(PAPER, origins={"upvotes": "huggingface"})
    assert rank_text(LeaderboardRow(1, known, TallyCount(1), 0, 12, date(2026, 4, 17))) == (
        "👍 1 👎 0 · 12 up-votes on Hugging Face · 17 Apr 2026"
    )


def test_who_brought_a_periods_papers():
    days = (date(2026, 4, 17), date(2026, 4, 17))
    assert submitters_text(None) == submitters_text(BoardDates(*days)) == ""
    assert submitters_text(BoardDates(*days, ("AK",))) == "by AK and the community"
    assert submitters_text(BoardDates(*days, ("AK", "taesiri"))) == "by AK, taesiri and the community"


def test_what_sources_tell_of_a_paper():
    details = Details(
        organisation="The Lab",
        venue="J. Kettles",
        code="https://git.example/kettle",
        models=("lab/kettle",),
        datasets=("lab/steam",),
        spaces=("lab/pour",),
        keywords=("kettles", "steam"),
        tldr="They whistle.",
        citations=1,
        version=2,
        standing=Standing.RETRACTED,
    )
    origins = {
        "upvotes": "huggingface",
        "tldr": "semanticscholar",
        "venue": "crossref",
        "published": "page",
    }
    paper = replace(PAPER, source="arxiv", details=details, origins=origins)
    assert paper_details(paper) == (
        "J. Kettles · The Lab · 1 citation · version 2 on arXiv",
        "Code: https://git.example/kettle · Models: lab/kettle · Data sets: lab/steam · Spaces: lab/pour",
        "Keywords: kettles, steam",
        "“They whistle.” (Semantic Scholar)",
        "From arXiv; venue from Crossref; up-votes from Hugging Face",
    )
    assert facts(paper) == "RETRACTED by its publisher"
    assert paper_details(PAPER) == ()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change.VERSION, "arXiv has version 3 of this paper now."),
        (Change.WITHDRAWN, "This paper was withdrawn by its authors."),
        (Change.RETRACTED, "This paper was retracted by its publisher."),
    ],
)
def test_news(change, text):
    assert news_text(News(1, change, 3)) == text


@pytest.mark.parametrize(
    ("submitted_by", "upvotes", "marks", "text"),
    [
        (None, 9, PaperStatus(), ""),
        (None, 0, PaperStatus(added_by=("Ada",)), "by Ada"),
        (None, 3, PaperStatus(added_by=("Ada",)), "by Ada and the community"),
        ("ak", 0, PaperStatus(TallyCount(1), added_by=("Ada", "Ben")), "by Ada, Ben, ak and the community"),
        ("ak", 7, PaperStatus(), "by ak and the community"),
        ("AK and the research community", 7, PaperStatus(), "by AK and the research community"),
        ("AK and the community", 0, PaperStatus(added_by=("Ada",)), "by Ada, AK and the community"),
    ],
)
def test_who_brought_a_paper_in(submitted_by, upvotes, marks, text):
    assert curators_text(replace(PAPER, submitted_by=submitted_by, upvotes=upvotes), marks) == text
