"""When a slot comes round: local times of day in IANA zones, right on the nights when clocks change.

A time that the clocks jump over is taken as much later (02:30 becomes 03:30); one that comes twice is
taken the first time.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil import tz

from bot.domain.subscription import Slot, Weekday


def at_slot(slot: Slot, day: date) -> datetime:
    """The moment, in the slot's zone, at which it falls on a local date."""
    local = datetime.combine(day, slot.at, ZoneInfo(slot.timezone))
    return tz.resolve_imaginary(local)


@lru_cache(maxsize=1024)  # thousands of channels have the same few slots
def next_time(slot: Slot, days: frozenset[Weekday], after: datetime) -> datetime:
    """The first moment later than `after` at which the slot falls on one of the days, in the slot's zone.

    `days` holds at least one day.
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
    """The local date of the slot's last fall up to `now`; those missed since `due` are one with it."""
    moment = due.astimezone(ZoneInfo(slot.timezone))
    following = next_time(slot, days, moment.astimezone(UTC))
    while following.astimezone(UTC) <= now:
        moment, following = following, next_time(slot, days, following.astimezone(UTC))
    return moment.date()
