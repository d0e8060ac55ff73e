"""Which days of a feed are asked for: none is passed over, and none keeps others from their turn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.source import SourceRun, SourceState
from bot.intake.backfill import AT_ONCE, EXPIRES_AFTER, FIRST_DAYS, due, settled_through, unsettled

TODAY = date(2026, 9, 21)
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rules:
    """As much of a feed as says which days it may be asked for."""

    reach: int | None = None
    settles: int = 2


def run(ago: float, state: SourceState, asked: float = 0.0) -> SourceRun:
    """A day so many days ago, asked for so many hours ago."""
    return SourceRun("feed", TODAY - timedelta(days=ago), state, 1, NOON - timedelta(hours=asked))


def by_day(*runs: SourceRun) -> dict[date, SourceRun]:
    return {each.day: each for each in runs}


def test_a_feed_that_was_never_asked_is_asked_for_a_week_the_newest_first():
    days = unsettled(Rules(), {}, None, TODAY)
    assert days == [TODAY - number * DAY for number in range(FIRST_DAYS)]
    assert due(days, {}, NOON) == days


def test_a_feed_that_has_no_past_is_asked_for_today_alone():
    assert unsettled(Rules(reach=0), {}, TODAY - 30 * DAY, TODAY) == [TODAY]
    assert settled_through([TODAY], TODAY) == TODAY - DAY


@pytest.mark.parametrize(
    ("state", "ago", "settled"),
    [
        (SourceState.COMPLETE, 3, True),
        (SourceState.EMPTY, 3, True),
        (SourceState.COMPLETE, 2, False),
        (SourceState.PARTIAL, 3, False),
        (SourceState.FAILED, 29, False),
        (SourceState.FAILED, EXPIRES_AFTER.days + 1, True),
    ],
)
def test_a_day_is_settled_once_its_list_came_whole_and_grows_no_more(state, ago, settled):
    day = TODAY - ago * DAY
    left = unsettled(Rules(), by_day(run(ago, state)), day - DAY, TODAY)
    assert (day not in left) is settled


def test_a_day_that_came_whole_too_early_is_asked_for_again():
    early = run(3, SourceState.EMPTY, asked=30)
    left = unsettled(Rules(), by_day(early), TODAY - 4 * DAY, TODAY)
    assert early.day in left
    assert early.day in due(left, by_day(early), NOON)


@pytest.mark.parametrize(
    ("state", "ago", "hours", "again"),
    [
        (SourceState.COMPLETE, 0, 0, True),
        (SourceState.COMPLETE, 1, 5, False),
        (SourceState.COMPLETE, 1, 6, True),
        (SourceState.FAILED, 0, 0.4, False),
        (SourceState.PARTIAL, 1, 0.5, True),
        (SourceState.FAILED, 9, 0.5, False),
        (SourceState.FAILED, 9, 6, True),
    ],
)
def test_how_long_a_day_rests(state, ago, hours, again):
    asked = run(ago, state, hours)
    assert (due([asked.day], by_day(asked), NOON) == [asked.day]) is again


def test_after_a_long_time_away_the_newest_days_come_first_and_the_others_after():
    settled, runs, rounds = TODAY - 40 * DAY, {}, []
    while days := due(unsettled(Rules(), runs, settled, TODAY), runs, NOON):
        if days == [TODAY]:
            break
        rounds.append(days)
        runs |= by_day(*(run((TODAY - day).days, SourceState.COMPLETE) for day in days))
    assert all(len(days) <= AT_ONCE for days in rounds)
    asked = [day for days in rounds for day in days if day != TODAY]
    assert asked == [TODAY - number * DAY for number in range(1, 40)]
    assert settled_through(unsettled(Rules(), runs, settled, TODAY), TODAY) == TODAY - 3 * DAY


def test_a_day_that_never_comes_whole_holds_the_watermark_but_no_other_day():
    bad = TODAY - 5 * DAY
    runs = by_day(run(5, SourceState.PARTIAL), *(run(ago, SourceState.COMPLETE) for ago in (3, 4, 6)))
    left = unsettled(Rules(), runs, TODAY - 7 * DAY, TODAY)
    assert left == [TODAY, TODAY - DAY, TODAY - 2 * DAY, bad]
    assert settled_through(left, TODAY) == bad - DAY


def simulate(
    rounds: list[float], answer: Callable[[date, datetime], SourceState]
) -> list[tuple[date, datetime]]:
    """Ask a feed in rounds that are so many hours apart; when each day was asked for."""
    settled, now, asked = None, NOON, []
    runs: dict[date, SourceRun] = {}
    for hours in rounds:
        now += timedelta(hours=hours)
        today = now.date()
        for day in due(unsettled(Rules(), runs, settled, today), runs, now):
            runs[day] = SourceRun("feed", day, answer(day, now), 1, now)
            asked.append((day, now))
        settled = settled_through(unsettled(Rules(), runs, settled, today), today)
    return asked


@given(st.lists(st.floats(0.1, 30), min_size=20, max_size=60), st.sets(st.integers(0, 20)))
def test_whatever_fails_meanwhile_every_day_is_asked_for_after_it_settled(rounds, broken):
    """Some days fail for ten days; at the end all that is older came whole after it was settled."""

    def answer(day: date, now: datetime) -> SourceState:
        fails = day.toordinal() % 21 in broken and (now.date() - day).days < 10
        return SourceState.FAILED if fails else SourceState.COMPLETE

    asked = simulate([*rounds, *[1.0] * 40], answer)
    end = max(now for _, now in asked)
    for ago in range(11, (end.date() - TODAY).days):
        day = end.date() - ago * DAY
        settled = [now for each, now in asked if each == day and (now.date() - day).days > 2]
        assert settled, f"{day} was passed over"


@given(st.lists(st.floats(0.1, 3), min_size=30, max_size=60))
def test_a_feed_that_always_fails_is_asked_again_and_again_but_not_at_once(rounds):
    asked = simulate(rounds, lambda _day, _now: SourceState.FAILED)
    times: dict[date, list[datetime]] = {}
    for day, now in asked:
        times.setdefault(day, []).append(now)
    for of_day in times.values():
        assert all(later - earlier >= timedelta(minutes=30) for earlier, later in pairwise(of_day))
    assert {now.date() for _, now in asked} <= times.keys(), "today is always among them"
    assert len(times[TODAY]) > 5
