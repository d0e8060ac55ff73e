"""Days as reference managers and bibliographies write them, with words, ranges and doubts."""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_WRITTEN = re.compile(
    r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)(?:[-/](0?[1-9]|1[0-2])(?!\d)(?:[-/](\d{1,2})(?!\d))?)?"
)
_NUMBER = re.compile(r"(?<!\d)([12]?\d|3[01]|0\d)(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")


def first_day(written: str, month: str = "", day: str = "") -> str:
    """Return a day, a month or a year as `2024-06-03`; of a range its first. "" where there is none.

    Month and day may stand apart: `7 June`, `jun`, `06` or `June--July`.
    """
    found = _WRITTEN.search(written)
    if found is None:
        return ""
    if found[2]:
        return "-".join(filter(None, found.groups()))
    rest = f"{written[: found.start()]} {written[found.end() :]}"
    return _with_month(found[1], month.strip() or (rest if _month(rest) else ""), day.strip())


def _with_month(year: str, month: str, day: str) -> str:
    numbers = [int(each[1]) for each in _NUMBER.finditer(month)]
    number = _month(month)
    if not number and numbers and 1 <= numbers[0] <= 12:
        number = numbers.pop(0)
    if _NUMBER.fullmatch(day):
        numbers = [int(day)]
    if not number:
        return year
    return f"{year}-{number}-{numbers[0]}" if numbers and numbers[0] else f"{year}-{number}"


def _month(text: str) -> int:
    """Return the first month or season that a text names, 0 where it names none."""
    for word in _WORD.findall(text.lower()):
        if word[:3] in _MONTHS:
            return _MONTHS.index(word[:3]) + 1
        if word in _SEASONS:
            return _SEASONS[word]
    return 0
