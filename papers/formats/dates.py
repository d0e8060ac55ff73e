"""Parses dates of bibliographies: with month names, ranges, seasons and uncertain parts."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_WRITTEN = re.compile(
    r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)(?:[-/](0?[1-9]|1[0-2])(?!\d)(?:[-/](\d{1,2})(?!\d))?)?"
)
_NUMBER = re.compile(r"(?<!\d)([12]?\d|3[01]|0\d)(?!\d)")
_MONTH_ALONE = re.compile(r"(\d{1,2})(?:\s*[-/\N{EN DASH}]+\s*\d{1,2})?")
_WORD = re.compile(r"[^\W\d_]{3,}")


def first_day(written: str, month: str = "", day: str = "") -> str:
    """Return a date as `2024-06-03`, `2024-6` or `2024`, of a range its start; "" if there is none.

    Month and day may have fields of their own: `7 June`, `jun`, `06` or `June--July`.
    """
    found = _WRITTEN.search(written)
    if found is None:
        return ""
    if found[2]:
        return _day(found[1], int(found[2]), int(found[3] or 0))
    rest = f"{written[: found.start()]} {written[found.end() :]}"
    return _with_month(found[1], month.strip() or (rest if _month(rest) else ""), day.strip())


def _with_month(year: str, month: str, day: str) -> str:
    number = _month(month)
    alone = _MONTH_ALONE.fullmatch(month)
    numbers = [int(each[1]) for each in _NUMBER.finditer(month)] if number else []
    if alone:
        number = int(alone[1])
    if _NUMBER.fullmatch(day):
        numbers = [int(day)]
    return _day(year, number, next(iter(numbers), 0)) if 1 <= number <= 12 else year


def _day(year: str, month: int, day: int) -> str:
    """Return the day, or only its month if there is no such day."""
    try:
        return date(int(year), month, day).isoformat()
    except ValueError:
        return f"{year}-{month}"


def _month(text: str) -> int:
    """Return the number of the first month or season in a text, 0 if there is none."""
    for word in _WORD.findall(text.lower()):
        if word[:3] in _MONTHS:
            return _MONTHS.index(word[:3]) + 1
        if word in _SEASONS:
            return _SEASONS[word]
    return 0
