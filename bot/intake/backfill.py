"""Decides which days of a feed to fetch. A day's list may be late, incomplete, fail, or grow for days.

A day is settled once it was fetched in full after its list stopped growing. Unsettled days are fetched again,
the newest first, so that a digest has today's papers. Each day rests after a fetch: no day is skipped, and a
day that keeps failing does not keep the others from their turn.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.domain.source import SourceRun, SourceState
from bot.ports.sources import Feed

FIRST_DAYS = 7
"""Days that a new feed is fetched for: as many as a digest looks back."""
AT_ONCE = 10
"""Days fetched in one round, at most. A poll must end before its lease does."""
COOLDOWN = timedelta(hours=6)
"""Rest after a full list that may still grow, and after a failed fetch of an older day."""
RETRY_AFTER = timedelta(minutes=30)
"""Rest after a failed or incomplete fetch of a recent day."""
RECENT = timedelta(days=3)
EXPIRES_AFTER = timedelta(days=30)
"""A day that was never fetched in full counts as settled when it is this old."""

_COMPLETE = frozenset({SourceState.COMPLETE, SourceState.EMPTY})
_DAY = timedelta(days=1)


def unsettled(feed: Feed, runs: Mapping[date, SourceRun], settled: date | None, today: date) -> list[date]:
    """Return the days up to `today` that are not settled yet, the newest first.

    `runs` holds the last fetch of each day; `settled` is the last day up to which all are settled.
    """
    first = today - (FIRST_DAYS - 1) * _DAY if settled is None else settled + _DAY
    if feed.reach is not None:
        first = max(first, today - feed.reach * _DAY)
    days = (today - number * _DAY for number in range((today - first).days + 1))
    return [day for day in days if not _is_settled(runs.get(day), feed.settles)]


def due(days: Sequence[date], runs: Mapping[date, SourceRun], now: datetime) -> list[date]:
    """Return those of the days that have rested long enough, at most one round's worth."""
    return [day for day in days if _has_rested(runs.get(day), now)][:AT_ONCE]


def settled_through(days: Sequence[date], today: date) -> date:
    """Return the last day up to which everything is settled, given the unsettled days. Never today."""
    return min([*days, today]) - _DAY


def _is_settled(run: SourceRun | None, settles: int) -> bool:
    if run is None:
        return False
    age = run.at.date() - run.day
    return age > (settles * _DAY if run.state in _COMPLETE else EXPIRES_AFTER)


def _has_rested(run: SourceRun | None, now: datetime) -> bool:
    if run is None:
        return True
    recent = now.date() - run.day <= RECENT
    if run.state in _COMPLETE:
        rest = timedelta() if run.day >= now.date() else COOLDOWN
    else:
        rest = RETRY_AFTER if recent else COOLDOWN
    return now - run.at >= rest
