"""Reads time zones as people write them: IANA names, cities, abbreviations and offsets.

An ambiguous abbreviation gets an error that names its zones. So does an offset, because it does not say when
clocks change: the error names zones with that offset.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "acst": ("Australia/Adelaide", "Australia/Darwin"),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney",),
    "akst": ("America/Anchorage",),
    "ast": ("America/Halifax", "Asia/Riyadh"),
    "awst": ("Australia/Perth",),
    "brt": ("America/Sao_Paulo",),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "cat": ("Africa/Maputo", "Africa/Johannesburg"),
    "cdt": ("America/Chicago",),
    "cest": ("Europe/Berlin", "Europe/Paris", "Europe/Madrid"),
    "cet": ("Europe/Berlin", "Europe/Paris", "Europe/Madrid"),
    "cst": ("America/Chicago", "Asia/Shanghai", "Asia/Taipei"),
    "cst6cdt": ("America/Chicago",),
    "ct": ("America/Chicago",),
    "eat": ("Africa/Nairobi",),
    "edt": ("America/New_York",),
    "eest": ("Europe/Athens", "Europe/Helsinki", "Europe/Kyiv"),
    "eet": ("Europe/Athens", "Europe/Helsinki", "Europe/Kyiv"),
    "est": ("America/New_York",),
    "est5edt": ("America/New_York",),
    "et": ("America/New_York",),
    "gmt": ("Europe/London", "Africa/Accra", "UTC"),
    "hkt": ("Asia/Hong_Kong",),
    "hst": ("Pacific/Honolulu",),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "mdt": ("America/Denver",),
    "mesz": ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich"),
    "met": ("Europe/Berlin", "Europe/Paris", "Europe/Madrid"),
    "mez": ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich"),
    "msk": ("Europe/Moscow",),
    "mst": ("America/Denver", "America/Phoenix"),
    "mst7mdt": ("America/Denver",),
    "mt": ("America/Denver",),
    "nzdt": ("Pacific/Auckland",),
    "nzst": ("Pacific/Auckland",),
    "pdt": ("America/Los_Angeles",),
    "pkt": ("Asia/Karachi",),
    "pst": ("America/Los_Angeles",),
    "pst8pdt": ("America/Los_Angeles",),
    "pt": ("America/Los_Angeles",),
    "sast": ("Africa/Johannesburg",),
    "sgt": ("Asia/Singapore",),
    "trt": ("Europe/Istanbul",),
    "utc": ("UTC",),
    "wat": ("Africa/Lagos",),
    "west": ("Europe/Lisbon",),
    "wet": ("Europe/Lisbon",),
    "wib": ("Asia/Jakarta",),
    "z": ("UTC",),
    "zulu": ("UTC",),
}
_CITIES = {
    "aachen": "Europe/Berlin",
    "abu dhabi": "Asia/Dubai",
    "ann arbor": "America/Detroit",
    "atlanta": "America/New_York",
    "austin": "America/Chicago",
    "bangalore": "Asia/Kolkata",
    "barcelona": "Europe/Madrid",
    "basel": "Europe/Zurich",
    "beijing": "Asia/Shanghai",
    "bengaluru": "Asia/Kolkata",
    "berkeley": "America/Los_Angeles",
    "bern": "Europe/Zurich",
    "bologna": "Europe/Rome",
    "boston": "America/New_York",
    "cambridge": "Europe/London",
    "cape town": "Africa/Johannesburg",
    "chennai": "Asia/Kolkata",
    "cologne": "Europe/Berlin",
    "dallas": "America/Chicago",
    "daejeon": "Asia/Seoul",
    "delhi": "Asia/Kolkata",
    "edinburgh": "Europe/London",
    "eindhoven": "Europe/Amsterdam",
    "frankfurt": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "gothenburg": "Europe/Stockholm",
    "grenoble": "Europe/Paris",
    "guangzhou": "Asia/Shanghai",
    "haifa": "Asia/Jerusalem",
    "hamburg": "Europe/Berlin",
    "hangzhou": "Asia/Shanghai",
    "hanoi": "Asia/Bangkok",
    "houston": "America/Chicago",
    "hyderabad": "Asia/Kolkata",
    "kyoto": "Asia/Tokyo",
    "la": "America/Los_Angeles",
    "lausanne": "Europe/Zurich",
    "lyon": "Europe/Paris",
    "manchester": "Europe/London",
    "miami": "America/New_York",
    "milan": "Europe/Rome",
    "montreal": "America/Toronto",
    "mountain view": "America/Los_Angeles",
    "mumbai": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "münchen": "Europe/Berlin",
    "new delhi": "Asia/Kolkata",
    "nyc": "America/New_York",
    "osaka": "Asia/Tokyo",
    "oxford": "Europe/London",
    "palo alto": "America/Los_Angeles",
    "philadelphia": "America/New_York",
    "pittsburgh": "America/New_York",
    "portland": "America/Los_Angeles",
    "princeton": "America/New_York",
    "rio de janeiro": "America/Sao_Paulo",
    "saarbrücken": "Europe/Berlin",
    "san diego": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "sf": "America/Los_Angeles",
    "shenzhen": "Asia/Shanghai",
    "são paulo": "America/Sao_Paulo",
    "tel aviv": "Asia/Jerusalem",
    "toulouse": "Europe/Paris",
    "tübingen": "Europe/Berlin",
    "washington": "America/New_York",
    "waterloo": "America/Toronto",
    "zürich": "Europe/Zurich",
}
"""Cities with much research whose IANA zone has the name of another city."""
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?")
_FOR_OFFSETS = (
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/Bogota",
    "America/New_York",
    "America/Halifax",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Lagos",
    "Africa/Johannesburg",
    "Europe/Athens",
    "Europe/Istanbul",
    "Asia/Riyadh",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Adelaide",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Pacific/Noumea",
    "Pacific/Auckland",
)
"""Zones with many people, to suggest for an offset."""
_WINTER, _SUMMER = datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)
_MOST_PROPOSED = 3


def timezone(raw: str) -> str:
    """Return the IANA zone for a name, a city or an unambiguous abbreviation.

    Raises:
        ValueError: no zone matches, or several do. The text suggests some.

    """
    name = " ".join(raw.replace("_", " ").lower().split())
    matching = _matching(name)
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise ValueError(f"several zones use it. Please name yours: {_or(matching)}.")
    if offset := _OFFSET.fullmatch(name):
        raise ValueError(_about_offset(offset))
    names = {key.rpartition("/")[2]: zone for key, zone in _zones().items()} | _CITIES | _zones()
    near = get_close_matches(name, names, n=1, cutoff=0.75)
    hint = f" Did you mean “{names[near[0]]}”?" if near else ""
    raise ValueError(f"it takes a time zone by its name or city, such as Europe/Paris.{hint}")


def timezones_like(raw: str, limit: int) -> list[str]:
    """Return IANA zones that match these letters, the likeliest first."""
    name = " ".join(raw.replace("_", " ").lower().split())
    found = [zone for key, zone in _zones().items() if name in key]
    prefixed = {zone: _city(zone.lower()).startswith(name) for zone in found}
    by_city = [zone for city, zone in _CITIES.items() if name and city.startswith(name)]
    ordered = [*_matching(name), *sorted(found, key=lambda zone: (not prefixed[zone], zone)), *by_city]
    return list(dict.fromkeys(ordered))[:limit]


def _matching(name: str) -> Sequence[str]:
    zones = _zones()
    if name in zones:
        return (zones[name],)
    if name in _ABBREVIATIONS:
        return _ABBREVIATIONS[name]
    if name in _CITIES:
        return (_CITIES[name],)
    return [zone for key, zone in zones.items() if _city(key) == name][:_MOST_PROPOSED]


def _about_offset(offset: re.Match[str]) -> str:
    sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (1 if sign == "+" else -1)
    having = [
        zone
        for zone in _FOR_OFFSETS
        if ahead in {ZoneInfo(zone).utcoffset(_WINTER), ZoneInfo(zone).utcoffset(_SUMMER)}
    ]
    if not ahead:
        having = ["UTC", "Europe/London"]
    if not having:
        return "no zone has that offset; it takes a name such as Europe/Paris."
    return (
        "an offset does not say when the clocks change. Please name the zone, "
        f"such as {_or(having[:_MOST_PROPOSED])}."
    )


def _or(zones: Sequence[str]) -> str:
    *first, last = zones
    return f"{', '.join(first)} or {last}" if first else last


def _city(key: str) -> str:
    return key.rpartition("/")[2]


@cache
def _zones() -> dict[str, str]:
    """Return zones named after places, by their names in lower case with spaces for underscores."""
    places = {
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "US/", "Canada/", "Mexico/", "Brazil/", "Chile/"))
    }
    return {zone.replace("_", " ").lower(): zone for zone in sorted(places | {"UTC"})}
