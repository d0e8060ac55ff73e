"""Which day, week or month a saved list of papers is of, by its address or its heading."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from bot.domain.paper import PaperDraft
from bot.domain.period import Period, PeriodLength

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_YEAR = r"(?:,? (?P<year>\d{4}))"
_DAY = re.compile(
    rf"(?:{_MONTH} (?P<day>\d{{1,2}})|(?P<first>\d{{1,2}}) {_MONTH.replace('month', 'second')}){_YEAR}?",
    re.IGNORECASE | re.ASCII,
)
_WEEK = re.compile(rf"week (?P<week>\d{{1,2}}){_YEAR}?", re.IGNORECASE | re.ASCII)
_WHOLE_MONTH = re.compile(rf"{_MONTH}{_YEAR}", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(r"\d{4}-(?:\d\d-\d\d|\d\d|W\d\d)", re.ASCII)
_ADDRESS = re.compile(
    r"/papers/?(?:(?:date|week|month)/|\?(?:[^#]*&)?(?:date|week|month)=)([\dW-]+)(?:[/?&#]|$)", re.ASCII
)
_YEARS = 9
"""Most years back that a 29 February can be."""


def in_address(address: str) -> Period | None:
    """Return what a page of Hugging Face Papers is of, by its address; None if that does not say."""
    found = _ADDRESS.search(address)
    return named(found[1]) if found else None


def named(name: object) -> Period | None:
    """Return the period called `2026-04-17`, `2026-W16` or `2026-04`; None if there is none."""
    try:
        return Period.named(name) if isinstance(name, str) else None
    except ValueError:
        return None


def is_heading(text: str) -> bool:
    """Whether a text is a day, a week or a month, as a page's heading writes it."""
    return any(form.fullmatch(text) for form in (_DAY, _WEEK, _WHOLE_MONTH, _NAMED))


def in_heading(text: str, today: date | None) -> Period | None:
    """Return the day, week or month of a heading: `Apr 17`, `April 17, 2026`, `Week 16`, `April 2026`.

    Without a year it is the last one up to `today`, and None if that is not known.
    """
    if _NAMED.fullmatch(text):
        return named(text)
    if month := _WHOLE_MONTH.fullmatch(text):
        return Period(PeriodLength.MONTH, date(int(month["year"]), _month(month["month"]), 1))
    found = _DAY.fullmatch(text) or _WEEK.fullmatch(text)
    return next(_possible(found, today), None) if found else None


def with_day(draft: PaperDraft, period: Period | None) -> PaperDraft:
    """Return a paper of a list with the day on which it was listed.

    A day's list says it. In a longer one the paper says it, else its publication, else the first day stands
    for the whole.
    """
    if period is None:
        return draft
    if period.length is PeriodLength.DAY:
        return replace(draft, listed=period.first)
    published = draft.published
    inside = published if published and period.first <= published <= period.last else None
    return replace(draft, listed=draft.listed or inside or period.first)


def _possible(found: re.Match[str], today: date | None) -> Iterator[Period]:
    """Yield what a heading may mean, the latest first."""
    if found["year"]:
        years: Iterator[int] = iter([int(found["year"])])
    elif today is None:
        return
    else:
        years = islice(iter(range(today.year, 0, -1)), _YEARS)
    # A page is saved tomorrow already where its reader's clock is ahead of ours.
    latest = date.max if found["year"] or today is None else today + timedelta(days=1)
    for year in years:
        try:
            period = _in_year(found, year)
        except ValueError:
            continue
        if period.first <= latest:
            yield period


def _in_year(found: re.Match[str], year: int) -> Period:
    parts = found.groupdict()
    if "week" in parts:
        return Period(PeriodLength.WEEK, date.fromisocalendar(year, int(parts["week"]), 1))
    month = _month(parts["month"] or parts["second"])
    return Period(PeriodLength.DAY, date(year, month, int(parts["day"] or parts["first"])))


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1
