"""A day, an ISO week or a month: the times by which papers are listed."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_WEEK = re.compile(r"(\d{4})-W(\d{1,2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{1,2})", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)


class PeriodLength(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """A day, an ISO week or a month. Make one with `of` or `named`, which start it on the right day."""

    length: PeriodLength
    first: date

    @classmethod
    def of(cls, day: date, length: PeriodLength) -> "Period":
        """Return the period of this length that a day is in."""
        match length:
            case PeriodLength.DAY:
                return cls(length, day)
            case PeriodLength.WEEK:
                return cls(length, day - timedelta(days=day.weekday()))
            case PeriodLength.MONTH:
                return cls(length, day.replace(day=1))

    @classmethod
    def named(cls, name: str) -> "Period":
        """Return the period called `2026-04-17`, `2026-W16` or `2026-04`.

        Raises:
            ValueError: the name has another form, or there is no such day, week or month.

        """
        if day := _DAY.fullmatch(name):
            return cls(PeriodLength.DAY, date(int(day[1]), int(day[2]), int(day[3])))
        if week := _WEEK.fullmatch(name):
            return cls(PeriodLength.WEEK, date.fromisocalendar(int(week[1]), int(week[2]), 1))
        if month := _MONTH.fullmatch(name):
            return cls(PeriodLength.MONTH, date(int(month[1]), int(month[2]), 1))
        raise ValueError(name)

    @property
    def last(self) -> date:
        """Its last day."""
        days = {
            PeriodLength.DAY: 1,
            PeriodLength.WEEK: 7,
            PeriodLength.MONTH: monthrange(self.first.year, self.first.month)[1],
        }[self.length]
        # The last week of the year 9999 ends after the last date that there is.
        return date.fromordinal(min(self.first.toordinal() + days - 1, date.max.toordinal()))

    @property
    def name(self) -> str:
        """Its name, as `named` reads it."""
        match self.length:
            case PeriodLength.DAY:
                return self.first.isoformat()
            case PeriodLength.WEEK:
                year, week, _ = self.first.isocalendar()
                return f"{year:04}-W{week:02}"
            case PeriodLength.MONTH:
                return self.first.isoformat()[:7]

    def like(self, day: date) -> "Period":
        """Return the period of the same length that a day is in."""
        return Period.of(day, self.length)
