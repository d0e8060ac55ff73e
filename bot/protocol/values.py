"""How single values are read from what people type: numbers, days, times, topics.

Each raises ValueError with what would do instead.
"""

import calendar
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from bot.domain.identifiers import parse
from bot.domain.period import Period, PeriodLength
from bot.domain.source import source_info
from bot.domain.subscription import EVERY_DAY, Weekday
from bot.domain.vote import Vote
from bot.domain.web_links import link_written
from bot.protocol.arguments import did_you_mean

_AGO = re.compile(r"(\d{1,4})\s*([dwmy])")
_NAMED = re.compile(r"\d{4}-(?:W\d{1,2}|\d{1,2})(?:-\d{1,2})?", re.ASCII)
"""What only a week, a month or a day can be written like."""
_UNITS = {
    "d": relativedelta(days=1),
    "w": relativedelta(weeks=1),
    "m": relativedelta(months=1),
    "y": relativedelta(years=1),
}
_DATE_FORMATS = ("%Y-%m-%d", "%Y-%m", "%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")
_MONTH_FORMATS = ("%b %Y", "%B %Y")
_ARCHIVES_TEXT = """
astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th
physics q-bio q-fin quant-ph stat
"""
_ARCHIVES = frozenset(_ARCHIVES_TEXT.split())
"""Source: arXiv's category taxonomy."""
_SUBJECT = re.compile(r"[A-Za-z-]{2,20}")
_DAYS = {
    name: Weekday(number)
    for number, day in enumerate(calendar.day_name)
    for name in (day.lower(), day[:3].lower())
}
_GROUPS = {
    "daily": EVERY_DAY,
    "all": EVERY_DAY,
    "weekdays": frozenset(day for day in Weekday if day < Weekday.SAT),
    "weekends": frozenset({Weekday.SAT, Weekday.SUN}),
}


def _drawn(emoji: str, *names: str) -> Iterator[str]:
    """The ways in which platforms write an emoji, in each skin tone."""
    tones = "🏻🏼🏽🏾🏿"
    yield from (emoji, f"{emoji}\ufe0f", *(emoji + tone for tone in tones))
    for name in names:
        yield f":{name}:"
        for number, _ in enumerate(tones, 1):
            yield from (f":{name}::skin-tone-{number + 1}:", f":{name}_tone{number}:")


_VOTES = {
    **dict.fromkeys(("up", "+1", "+", *_drawn("👍", "+1", "thumbsup")), Vote.UP),
    **dict.fromkeys(("down", "-1", "-", *_drawn("👎", "-1", "thumbsdown")), Vote.DOWN),
    "none": Vote.NONE,
}
VOTE_CHOICES = ("up", "down", "none")
VOTE_SIGNS = tuple(word for word in _VOTES if word not in VOTE_CHOICES)
TEXT_LIMIT = 300
_EMPTY_WORDS_TEXT = """
a about all also an and any are as at be been but by can do does for from had has have how i if in into
is it its me more most my no not of on or our so some such than that the their them then there these
they this those to up was we were what when where which who why will with you your
"""
_EMPTY_WORDS = frozenset(_EMPTY_WORDS_TEXT.split())
_DAY_NAMES = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?"
_HOW_OFTEN = (
    rf"daily|weekly|weekdays|weekends|(?:every|each)\s+(?:day|week|weekday|morning|evening|{_DAY_NAMES})"
    rf"|on\s+(?:weekdays|weekends|{_DAY_NAMES})"
)
_CLOCK_TIME = r"\d{1,2}(?:[:.]\d{2}\s*(?:[ap]\.?m\.?)?|\s*[ap]\.?m\.?)|noon|midnight"
_WHEN = re.compile(
    rf"\s(?:(?:{_HOW_OFTEN})(?:,?\s+(?:at|@)\s*(?:{_CLOCK_TIME}|\d{{1,2}}))?|(?:at|@)\s*(?:{_CLOCK_TIME})"
    rf"(?:\s+(?:{_HOW_OFTEN}))?)$",
    re.IGNORECASE,
)
"""A time at the end of a topic: `daily at 9am`, `every Monday`, `at 18:30 on weekdays`."""
EVERY_CATEGORY = "all"


def text(raw: str) -> str:
    """Words, with single spaces between them."""
    words = " ".join(raw.split())
    if not words:
        raise ValueError("it is empty.")
    if len(words) > TEXT_LIMIT:
        raise ValueError(f"at most {TEXT_LIMIT} characters, please.")
    return words


def topic(raw: str) -> str:
    """Words of which a paper could be about one, without a time at their end."""
    words = text(raw)
    if when := _WHEN.search(words):
        raise ValueError(
            f"“{when[0].strip()}” says when to post. Please say that with `at:` and `days:`, "
            "as in `at:09:00 days:mon,wed`."
        )
    if all(word.lower() in _EMPTY_WORDS for word in re.findall(r"\w+", words)):
        raise ValueError("no paper could be about it. It takes words such as mixture of experts.")
    return words


def link(raw: str) -> str:
    """A link, however it is written: `<…>`, `[words](…)`, without `https://`; other words as they are."""
    words = text(raw)
    address = link_written(words)
    # cs.CL/0501001 is an arXiv id, although Chile has hosts that are called so.
    return address if address is not None and parse(address) == parse(words) else words


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A whole number between two others, both included."""

    lowest: int
    highest: int

    def __call__(self, raw: str) -> int:
        """Read one."""
        if not re.fullmatch(r"\d{1,9}", raw.strip()) or not self.lowest <= int(raw) <= self.highest:
            raise ValueError(f"it takes a whole number from {self.lowest} to {self.highest}.")
        return int(raw)


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """One of some words."""

    def read(raw: str) -> str:
        if raw.lower() not in words:
            raise ValueError(f"it takes {' or '.join(words)}.{did_you_mean(raw, words)}")
        return raw.lower()

    return read


def day(raw: str) -> str:
    """A day in words that `day_from` can place; it stays words because only the asker's date places it."""
    day_from(raw, date(2000, 1, 1))
    return raw


def day_from(raw: str, today: date) -> date:
    """A day as people write it, seen from `today`.

    It may be 2026-04-17, 2026-04, 2026, 17 Apr 2026, April 17, today, yesterday, or 7d, 2w, 3m or 1y ago.
    A month or a year is its first day, and a day without its year is the last one up to today.
    """
    word = " ".join(raw.replace(",", " ").lower().split())
    if word in {"today", "yesterday"}:
        return today - timedelta(days=word == "yesterday")
    try:
        if ago := _AGO.fullmatch(word):
            return today - _UNITS[ago[2]] * int(ago[1])
    except (ValueError, OverflowError):
        raise ValueError("that is too long ago; it takes a day such as 2026-04-17 or 3m.") from None
    found = _date(word)
    if found is not None:
        return found
    for year in range(today.year, today.year - 9, -1):
        found = _date(f"{word} {year}")
        if found is not None and found <= today:
            return found
    raise ValueError("it takes a day such as 2026-04-17, 17 Apr, 2026-04, yesterday, 7d, 2w or 3m.")


def _date(word: str, forms: Sequence[str] = _DATE_FORMATS) -> date | None:
    for form in forms:
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007 - only its date is used
        except ValueError:
            continue
    return None


def span_from(raw: str, today: date) -> tuple[date, date]:
    """The first and last day of a week such as 2026-W38, a month such as 2026-09, or a day, as `day_from`."""
    word = raw.strip().upper()
    if _NAMED.fullmatch(word):
        try:
            period = Period.named(word)
        except ValueError:
            raise ValueError(
                "there is no such day, week or month; it takes 2026-09-21, 2026-W38 or 2026-09."
            ) from None
        return period.first, period.last
    day = day_from(raw, today)
    return day, day


RECENT = ("today", "week", "month")
"""The words for the papers of the last day, week or month, up to now."""


def period(raw: str) -> str:
    """A period in words that `period_from` can place, which stay words for the reason that `day` gives."""
    if raw.strip().lower() not in RECENT:
        period_from(raw, date(2000, 1, 1))
    return raw


def period_from(raw: str, today: date) -> Period:
    """A day as `day_from` reads it, a week such as 2026-W16, or a month such as 2026-04 or April 2026.

    A year alone is refused: `day_from` would take it for its first day.
    """
    word = " ".join(raw.replace(",", " ").split())
    try:
        if _NAMED.fullmatch(word.upper()):
            return Period.named(word.upper())
        if (month := _date(word, _MONTH_FORMATS)) is not None:
            return Period(PeriodLength.MONTH, month)
        if not word.isdecimal():
            return Period(PeriodLength.DAY, day_from(word, today))
    except ValueError:
        pass
    such = "there is no such day, week or month; " if _NAMED.fullmatch(word.upper()) else ""
    raise ValueError(
        f"{such}it takes {', '.join(RECENT)}, a day such as 2026-04-17 or yesterday, a week such as "
        f"2026-W16, or a month such as 2026-04.{did_you_mean(word, (*RECENT, 'yesterday'))}"
    )


def time_of_day(raw: str) -> time:
    """A local time: `09:00`, `9:30`, `9am`, `6:30 p.m.`, `18`."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?(?(3)\.?m\.?)", raw.strip().lower())
    if found:
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        elif half:
            hour = 24
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise ValueError("it takes a time of day such as 09:00 or 18:30.")


def weekdays(raw: str) -> frozenset[Weekday]:
    """Days of the week: `mon-fri`, `mon,wed,fri`, `weekdays`, `weekends`, `daily`."""
    days: set[Weekday] = set()
    for part in re.split(r"[,\s]+", raw.strip().lower()):
        first, dash, last = part.partition("-")
        if part in _GROUPS:
            days |= _GROUPS[part]
        elif first in _DAYS and (not dash or last in _DAYS):
            start, end = _DAYS[first], _DAYS[last if dash else first]
            days |= {Weekday((start + step) % 7) for step in range((end - start) % 7 + 1)}
        else:
            raise ValueError("it takes days such as mon-fri, mon,wed,fri, weekdays or daily.")
    return frozenset(days)


def weekdays_written(days: Collection[Weekday]) -> str:
    """Give days as `weekdays` reads them."""
    for name, group in _GROUPS.items():
        if group == days:
            return name
    return ",".join(day.name.lower() for day in sorted(days))


def categories(raw: str) -> frozenset[str]:
    """Categories as arXiv names them: `cs.CL`, `stat.ML`, several with commas between them.

    `all` is every one, which is as good as none.
    """
    if raw.strip().lower() == EVERY_CATEGORY:
        return frozenset()
    found = [part for part in re.split(r"[,\s]+", raw.strip()) if part]
    if not found or not all(map(_is_category, found)):
        raise ValueError("it takes arXiv categories such as cs.CL or cs.CV,stat.ML.")
    return frozenset(_normal_category(part) for part in found)


def _is_category(raw: str) -> bool:
    archive, dot, subject = raw.partition(".")
    return archive.lower() in _ARCHIVES and (not dot or _SUBJECT.fullmatch(subject) is not None)


def vote(raw: str) -> Vote:
    """A vote in a word."""
    word = raw.strip().lower()
    if word not in _VOTES:
        raise ValueError("it takes up, down or none.")
    return _VOTES[word]


def _normal_category(raw: str) -> str:
    archive, dot, subject = raw.partition(".")
    return f"{archive.lower()}{dot}{subject.upper() if len(subject) == 2 else subject.lower()}"


CHECK = "check:"
"""What stands before a source's name where it is asked about papers that are known."""
TITLES = "titles"
"""The name of asking for papers by their titles alone."""


def source_label(name: str) -> str:
    """Return what people call a source, or a poll: that of one for changes (`check:…`), or of titles."""
    source = name.removeprefix(CHECK)
    label = "titles without identifiers" if source == TITLES else source_info(source).label
    return label if source == name else f"changes at {label}"
