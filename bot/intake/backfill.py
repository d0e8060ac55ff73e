"""Which days of a feed are still to be asked for: a list may be late, come in part, fail, or grow for days.

A day is settled once it came whole after its list has stopped changing. Days that are not settled are asked
for again, the newest first, so that a digest has today's papers. No day is passed over, and none keeps others
from their turn, because each rests after it was asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.domain.source import SourceRun, SourceState
from bot.ports.sources import Feed

FIRST_DAYS = 7
"""How many days a feed is asked for that was never asked before: as many as a digest looks back."""
AT_ONCE = 10
"""How many days are asked for in one round."""
RESTS = timedelta(hours=6)
"""How long a day rests that came whole and may still grow, or that failed and is old."""
RETRIED_AFTER = timedelta(minutes=30)
"""How long a day of late rests that failed or came in part."""
OF_LATE = timedelta(days=3)
GIVEN_UP_AFTER = timedelta(days=30)
"""A day that never came whole is no longer waited for once it is so old."""

_WHOLE = frozenset({SourceState.COMPLETE, SourceState.EMPTY})
_DAY = timedelta(days=1)


def unsettled(feed: Feed, runs: Mapping[date, SourceRun], settled: date | None, today: date) -> list[date]:
    """The days that may not be passed over yet, the newest first."""
    first = today - (FIRST_DAYS - 1) * _DAY if settled is None else settled + _DAY
    if feed.reach is not None:
        first = max(first, today - feed.reach * _DAY)
    days = (today - number * _DAY for number in range((today - first).days + 1))
    return [day for day in days if not _is_settled(runs.get(day), feed.settles)]


def due(days: Sequence[date], runs: Mapping[date, SourceRun], now: datetime) -> list[date]:
    """Those of these days that have rested, as many as one round asks for."""
    return [day for day in days if _has_rested(runs.get(day), now)][:AT_ONCE]


def settled_through(days: Sequence[date], today: date) -> date:
    """The last day before today up to which nothing of these days is left."""
    return min([*days, today]) - _DAY


def _is_settled(run: SourceRun | None, settles: int) -> bool:
    if run is None:
        return False
    age = run.at.date() - run.day
    return age > (settles * _DAY if run.state in _WHOLE else GIVEN_UP_AFTER)


def _has_rested(run: SourceRun | None, now: datetime) -> bool:
    if run is None:
        return True
    late = now.date() - run.day <= OF_LATE
    if run.state in _WHOLE:
        rest = timedelta() if run.day >= now.date() else RESTS
    else:
        rest = RETRIED_AFTER if late else RESTS
    return now - run.at >= rest
