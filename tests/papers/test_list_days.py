"""The day of a saved page of Hugging Face Papers: its papers are listed on it, whenever they are imported."""

import io
import json
from datetime import date
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.paper import PaperDraft
from bot.domain.period import Period, PeriodLength
from papers.formats import list_days
from papers.formats.files import read

SEED = Path(__file__).parents[2].parent / "shared/seed/hf-papers-page.txt"
TODAY = date(2026, 11, 30)
FRIDAY = date(2026, 4, 17)
KETTLES = {
    "id": "2604.01234",
    "title": "Kettles",
    "summary": "They whistle.",
    "publishedAt": "2026-04-15T00:00:00Z",
}


def days_of(content: str, name: str, today: date | None = TODAY) -> list[date | None]:
    found = list(read(io.BytesIO(content.encode()), name, today=today))
    assert all(isinstance(each, PaperDraft) for each in found)
    return [each.listed for each in found if isinstance(each, PaperDraft)]


def text_page(*heading: str) -> str:
    return "\n\n".join(
        ["Subscribe", "byAK and the research community", *heading, "Kettles", "They whistle. " * 30]
    )


def saved_page(address: str = "", day: str = "", **changes: object) -> str:
    props = {"dailyPapers": [{"paper": {**KETTLES, **changes}}], **({"dateString": day} if day else {})}
    came = f"<!-- saved from url=(0042){address} -->" if address else ""
    return f'<!DOCTYPE html>{came}<div data-props="{escape(json.dumps(props))}"></div>'


@pytest.mark.parametrize(
    ("heading", "listed"),
    [
        ("Apr 17", FRIDAY),
        ("April 17", FRIDAY),
        ("17 Apr", FRIDAY),
        ("Apr 17, 2025", date(2025, 4, 17)),
        ("17 April 2025", date(2025, 4, 17)),
        ("2025-04-17", date(2025, 4, 17)),
        ("Nov 30", TODAY),
        ("Dec 1", date(2026, 12, 1)),
        ("Dec 2", date(2025, 12, 2)),
        ("Feb 29", date(2024, 2, 29)),
        ("Week 16", date(2026, 4, 13)),
        ("Week 52", date(2025, 12, 22)),
        ("2026-W16", date(2026, 4, 13)),
        ("April 2026", date(2026, 4, 1)),
        ("2026-04", date(2026, 4, 1)),
    ],
)
def test_a_text_page_has_the_day_of_its_heading(heading: str, listed: date) -> None:
    assert days_of(text_page("Daily", heading), "page.txt") == [listed]
    assert days_of(text_page("Weekly", heading), "page.txt") == [listed]


@pytest.mark.parametrize("heading", ["Apr 31", "2026-02-30", "Week 60", "2026-W54"])
def test_a_heading_that_is_no_day_says_nothing(heading: str) -> None:
    assert days_of(text_page(heading), "page.txt") == [None]


def test_a_day_without_a_year_is_unknown_where_today_is() -> None:
    assert days_of(text_page("Apr 17"), "page.txt", None) == [None]
    assert days_of(text_page("Apr 17, 2026"), "page.txt", None) == [FRIDAY]


@pytest.mark.parametrize(
    "address",
    [
        "https://huggingface.co/papers/date/2026-04-17",
        "https://huggingface.co/papers/date/2026-04-17/",
        "https://huggingface.co/papers/date/2026-04-17?utm=1#top",
        "https://huggingface.co/papers?date=2026-04-17",
        "https://huggingface.co/papers?sort=x&date=2026-04-17",
    ],
)
def test_a_saved_page_has_the_day_of_its_address(address: str) -> None:
    assert days_of(saved_page(address), "Daily Papers.html") == [FRIDAY]
    other = saved_page(address, day="2026-04-20", submittedOnDailyAt="2026-04-16T23:59:00.000Z")
    assert days_of(other, "Daily Papers.html") == [FRIDAY], "the page lists it, whenever it was submitted"


def test_a_saved_page_without_a_day_in_its_address_has_the_one_it_carries() -> None:
    bare = "https://huggingface.co/papers"
    assert days_of(saved_page(bare, day="2026-04-17"), "Daily Papers.html") == [FRIDAY]
    submitted = saved_page(bare, submittedOnDailyAt="2026-04-16T01:02:03.000Z")
    assert days_of(submitted, "Daily Papers.html") == [date(2026, 4, 16)]
    assert days_of(saved_page(bare, day="soon"), "Daily Papers.html") == [None]


@pytest.mark.parametrize(
    ("address", "changes", "listed"),
    [
        ("week/2026-W16", {"submittedOnDailyAt": "2026-04-16T01:02:03.000Z"}, date(2026, 4, 16)),
        ("week/2026-W16", {}, date(2026, 4, 15)),
        ("week/2026-W16", {"publishedAt": "2026-03-01T00:00:00Z"}, date(2026, 4, 13)),
        ("month/2026-04", {"submittedOnDailyAt": "2026-04-16T01:02:03.000Z"}, date(2026, 4, 16)),
        ("month/2026-04", {"publishedAt": "2026-03-01T00:00:00Z"}, date(2026, 4, 1)),
    ],
)
def test_papers_of_a_weeks_or_a_months_page_have_days_in_it(
    address: str, changes: dict[str, object], listed: date
) -> None:
    page = saved_page(f"https://huggingface.co/papers/{address}", **changes)
    assert days_of(page, "Papers.html") == [listed]


def test_a_page_of_one_paper_lists_nothing() -> None:
    props = escape(json.dumps({"paper": KETTLES, "dateString": "2026-04-17"}))
    page = f'<!DOCTYPE html><div data-props="{props}"></div>'
    assert days_of(page, "paper.html") == [None]


def test_json_of_the_page_and_of_its_api_has_the_day() -> None:
    page = {"dateString": "2026-04-17", "dailyPapers": [{"paper": KETTLES}]}
    assert days_of(json.dumps(page), "papers.json") == [FRIDAY]
    page["dailyPapers"] = [{"paper": {**KETTLES, "submittedOnDailyAt": "2026-04-16T23:59:00.000Z"}}]
    assert days_of(json.dumps(page), "papers.json") == [FRIDAY]
    page["dateString"] = "2026-W16"
    assert days_of(json.dumps(page), "papers.json") == [date(2026, 4, 16)]
    answer = [{"paper": {**KETTLES, "submittedOnDailyAt": "2026-04-17T00:00:00.000Z"}}]
    assert days_of(json.dumps(answer), "papers.json") == [FRIDAY]


@pytest.mark.skipif(not SEED.is_file(), reason="the shared page is not here")
def test_the_page_that_the_project_began_with_is_of_its_own_day() -> None:
    papers = [each for each in read(SEED, today=TODAY) if isinstance(each, PaperDraft)]
    assert {each.listed for each in papers} == {FRIDAY}
    assert len(papers) == 116


@given(st.dates(), st.sampled_from(PeriodLength))
def test_a_periods_name_leads_back_to_it(day: date, length: PeriodLength) -> None:
    period = Period.of(day, length)
    assert Period.named(period.name) == period
    assert period.first <= day <= period.last
    assert period.like(period.last) == period


@given(st.dates(date(1, 1, 2)), st.sampled_from(["%b %d", "%B %d", "%d %b"]), st.dates(date(1000, 1, 1)))
def test_a_heading_is_never_later_than_the_day_after_today(day: date, form: str, today: date) -> None:
    found = list_days.in_heading(f"{day:{form}}", min(today, date(9999, 12, 30)))
    if found is not None:
        assert (found.first.month, found.first.day) == (day.month, day.day)
        assert (found.first - today).days <= 1


@given(st.text(max_size=30))
def test_no_heading_or_address_breaks_anything(text: str) -> None:
    for told in (text, f"Apr {text}", f"Week {text}", f"2026-{text}"):
        if list_days.is_heading(told):
            list_days.in_heading(told, TODAY)
        list_days.in_address(f"https://huggingface.co/papers/date/{told}")
