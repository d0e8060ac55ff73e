"""Daily posts at their local time, on the nights when clocks change as well."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedule import at_slot, latest_date, next_time
from bot.domain.subscription import EVERY_DAY, Slot, Weekday

WORKDAYS = frozenset(day for day in Weekday if day < Weekday.SAT)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        # Paris: 29 March 2026, 02:00 becomes 03:00; 25 October 2026, 03:00 becomes 02:00
        ("Europe/Paris", date(2026, 3, 28), time(9), "2026-03-28T08:00"),
        ("Europe/Paris", date(2026, 3, 29), time(9), "2026-03-29T07:00"),
        ("Europe/Paris", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),
        ("Europe/Paris", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        ("Europe/Paris", date(2026, 10, 25), time(9), "2026-10-25T08:00"),
        # New York: 8 March and 1 November 2026
        ("America/New_York", date(2026, 3, 7), time(9), "2026-03-07T14:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:30"),
        ("America/New_York", date(2026, 3, 8), time(9), "2026-03-08T13:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),
        ("America/New_York", date(2026, 11, 1), time(9), "2026-11-01T14:00"),
        # Lord Howe Island moves by half an hour: 4 October and 5 April 2026
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(9), "2026-10-03T22:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-04T14:45"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(9), "2026-04-04T22:30"),
    ],
)
def test_local_times_around_the_changing_of_clocks(zone, day, at, utc):
    assert at_slot(Slot(at, zone), day).astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_slot_comes_once_on_the_day_when_its_hour_comes_twice():
    slot = Slot(time(2, 30), "Europe/Paris")
    first = next_time(slot, EVERY_DAY, datetime(2026, 10, 24, 12, tzinfo=UTC))
    second = next_time(slot, EVERY_DAY, first.astimezone(UTC))
    assert [first.date(), second.date()] == [date(2026, 10, 25), date(2026, 10, 26)]


def test_only_the_days_asked_for():
    friday = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert next_time(Slot(time(9), "UTC"), WORKDAYS, friday).date() == date(2026, 11, 30)


def test_days_missed_are_one_with_the_latest():
    slot = Slot(time(9), "Europe/Paris")
    due = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert latest_date(slot, EVERY_DAY, due, due + timedelta(minutes=5)) == date(2026, 11, 20)
    assert latest_date(slot, EVERY_DAY, due, datetime(2026, 11, 24, 7, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert latest_date(slot, EVERY_DAY, due, datetime(2026, 11, 24, 8, 0, tzinfo=UTC)) == date(2026, 11, 24)


@given(
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    st.integers(1_704_067_200, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_the_next_time_is_later_on_a_wanted_day_and_nothing_lies_between(at, zone, days, after):
    slot = Slot(at, zone)
    found = next_time(slot, days, after)
    assert found.astimezone(UTC) > after
    assert Weekday(found.date().weekday()) in days
    skipped = (found.date() - timedelta(days=step) for step in range(1, 8))
    assert all(
        at_slot(slot, day).astimezone(UTC) <= after for day in skipped if Weekday(day.weekday()) in days
    )
