"""Single values as people write them."""

from datetime import date, time

import pytest

from bot.domain.subscription import Weekday
from bot.protocol import values

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("today", TODAY),
        ("Yesterday", date(2026, 3, 30)),
        ("7d", date(2026, 3, 24)),
        ("2w", date(2026, 3, 17)),
        ("1m", date(2026, 2, 28)),
        ("1y", date(2025, 3, 31)),
        ("2024-02-29", date(2024, 2, 29)),
        ("17 Apr", date(2025, 4, 17)),
        ("March 17", date(2026, 3, 17)),
        ("17 mar, 2024", date(2024, 3, 17)),
        ("2026-02", date(2026, 2, 1)),
        ("2025", date(2025, 1, 1)),
        ("29 Feb", date(2024, 2, 29)),
        ("17 April 2025", date(2025, 4, 17)),
    ],
)
def test_days(raw, day):
    assert values.day_from(raw, TODAY) == day


@pytest.mark.parametrize(
    "raw",
    ["", "soon", "2026-02-30", "9999y", "99999999999999", "mon", "10", "10:30", "1", "17 Apr 26 x", "32 Mar"],
)
def test_days_that_are_none(raw):
    with pytest.raises(ValueError, match="takes a day"):
        values.day_from(raw, TODAY)


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("09:00", time(9)),
        ("9:30", time(9, 30)),
        ("18", time(18)),
        ("12am", time(0)),
        ("12 pm", time(12)),
        ("7pm", time(19)),
    ],
)
def test_times(raw, at):
    assert values.time_of_day(raw) == at


@pytest.mark.parametrize("raw", ["24:00", "9:60", "13pm", "0am", "noonish", ""])
def test_times_that_are_none(raw):
    with pytest.raises(ValueError, match="time of day"):
        values.time_of_day(raw)


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("fri-mon", {4, 5, 6, 0}),
        ("Mon, wed,friday", {0, 2, 4}),
        ("weekdays", {0, 1, 2, 3, 4}),
        ("daily", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_weekdays(raw, days):
    assert values.weekdays(raw) == {Weekday(day) for day in days}


@pytest.mark.parametrize("raw", ["monkey", "monkey-friday", "mon-tue-wed", "mo-fr", "mon-", "-fri", ""])
def test_weekdays_that_are_none(raw):
    with pytest.raises(ValueError, match="takes days"):
        values.weekdays(raw)


@pytest.mark.parametrize(
    "raw", ["mixture of experts", "daily weather forecasts", "inference at 4 bits", "at 3am", "CoT"]
)
def test_topics(raw):
    assert values.topic(raw) == raw


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("moe daily at 9am", "“daily at 9am” says when to post"),
        ("moe every Monday", "“every Monday” says when to post"),
        ("moe every Monday at 9", "says when to post"),
        ("moe at 18:30", "says when to post"),
        ("moe at 6:30 pm on weekdays", "says when to post"),
        ("kettles on mondays", "says when to post"),
        ("moe weekly", "says when to post"),
        ("the", "no paper could be about it"),
        ("🤖", "no paper could be about it"),
        ("??? !", "no paper could be about it"),
        ("what is it", "no paper could be about it"),
    ],
)
def test_topics_that_no_paper_could_fit(raw, told):
    with pytest.raises(ValueError, match=r"paper|says when") as error:
        values.topic(raw)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("raw", "vote"),
    [
        ("up", 1),
        ("+", 1),
        ("👍", 1),
        (":+1:", 1),
        ("-1", -1),
        ("👎", -1),
        ("Down", -1),
        ("none", 0),
        ("👎🏽", -1),
        (":+1::skin-tone-4:", 1),
        (":thumbsup_tone2:", 1),
        ("👍\ufe0f", 1),
    ],
)
def test_votes(raw, vote):
    assert values.vote(raw) == vote


def test_categories_take_arxivs_spelling():
    assert values.categories("CS.cl, stat.ml hep-th") == {"cs.CL", "stat.ML", "hep-th"}


@pytest.mark.parametrize("raw", ["kettles", "cs.", "cl.CS", "reward.model", ","])
def test_categories_that_no_paper_has(raw):
    with pytest.raises(ValueError, match="it takes arXiv categories"):
        values.categories(raw)


@pytest.mark.parametrize(
    ("raw", "first", "last"),
    [
        ("2026-W38", date(2026, 9, 14), date(2026, 9, 20)),
        ("2026-w1", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-09-21", date(2026, 9, 21), date(2026, 9, 21)),
        ("yesterday", date(2026, 9, 20), date(2026, 9, 20)),
    ],
)
def test_spans(raw, first, last):
    assert values.span_from(raw, date(2026, 9, 21)) == (first, last)


@pytest.mark.parametrize("raw", ["2026-W54", "2026-13", "2026-W00", "0000-01", "soon"])
def test_spans_that_are_none(raw):
    with pytest.raises(ValueError, match="it takes"):
        values.span_from(raw, date(2026, 9, 21))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("2026-04-17", "2026-04-17"),
        ("17 Apr 2026", "2026-04-17"),
        ("yesterday", "2026-03-30"),
        ("2w", "2026-03-17"),
        ("2026-w16", "2026-W16"),
        ("2026-04", "2026-04"),
        ("2026-4", "2026-04"),
        ("April 2026", "2026-04"),
        ("apr, 2026", "2026-04"),
    ],
)
def test_periods(raw, name):
    assert values.period(raw) == raw
    assert values.period_from(raw, TODAY).name == name


@pytest.mark.parametrize(
    "raw", ["", "2026", "2026-13", "2026-W54", "2026-02-30", "2026-W16-3", "soon", "9999y"]
)
def test_periods_that_are_none(raw):
    for read in (values.period, lambda raw: values.period_from(raw, TODAY)):
        with pytest.raises(ValueError, match="it takes today, week, month, a day such as 2026-04-17"):
            read(raw)


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ("<https://example.org/a>", "https://example.org/a"),
        ("[a paper](https://example.org/a)", "https://example.org/a"),
        ("HTTPS://example.org/a", "https://example.org/a"),
        ("example.org/a", "https://example.org/a"),
        ("arxiv.org/abs/2406.01234", "https://arxiv.org/abs/2406.01234"),
        ("cs.CL/0501001", "cs.CL/0501001"),
        ("arXiv:2406.01234v2 [cs.CL]", "arXiv:2406.01234v2 [cs.CL]"),
        ("10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("no  link", "no link"),
    ],
)
def test_links(raw, link):
    assert values.link(raw) == link
