"""Computes when a slot occurs: a local time of day in an IANA zone, across daylight-saving changes.

A local time that the clocks skip is moved forward (02:30 becomes 03:30). Of a local time that occurs twice,
the first one counts.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil import tz

from bot.domain.subscription import Slot, Weekday


def at_slot(slot: Slot, day: date) -> datetime:
    """Return the slot's moment on a local date, in the slot's zone."""
    local = datetime.combine(day, slot.at, ZoneInfo(slot.timezone))
    return tz.resolve_imaginary(local)


@lru_cache(maxsize=1024)  # thousands of channels share a few slots
def next_time(slot: Slot, days: frozenset[Weekday], after: datetime) -> datetime:
    """Return the slot's first moment after `after` on one of the days, in the slot's zone.

    `days` must not be empty.
    """
    first = after.astimezone(ZoneInfo(slot.timezone)).date() - timedelta(days=1)
    for step in range(10):
        day = first + timedelta(days=step)
        if Weekday(day.weekday()) in days:
            moment = at_slot(slot, day)
            if moment.astimezone(UTC) > after:
                return moment
    raise AssertionError("Ten days in a row hold every weekday.")


@lru_cache(maxsize=1024)
def latest_date(slot: Slot, days: frozenset[Weekday], due: datetime, now: datetime) -> date:
    """Return the local date of the slot's latest moment up to `now`.

    After a downtime this skips the moments missed since `due`: they become one digest, not several.
    """
    moment = due.astimezone(ZoneInfo(slot.timezone))
    following = next_time(slot, days, moment.astimezone(UTC))
    while following.astimezone(UTC) <= now:
        moment, following = following, next_time(slot, days, following.astimezone(UTC))
    return moment.date()
