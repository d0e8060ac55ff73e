from zoneinfo import ZoneInfo

import pytest

from bot.domain import zones


@pytest.mark.parametrize(
    ("raw", "zone"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("america/new_york", "America/New_York"),
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("utc", "UTC"),
        ("Z", "UTC"),
        ("EST", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("PT", "America/Los_Angeles"),
        ("jst", "Asia/Tokyo"),
        ("San Francisco", "America/Los_Angeles"),
        ("münchen", "Europe/Berlin"),
        ("Beijing", "Asia/Shanghai"),
    ],
)
def test_a_zone_is_what_people_mean(raw, zone):
    assert zones.timezone(raw) == zone


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("CET", "Europe/Berlin, Europe/Paris or Europe/Madrid"),
        ("ist", "Asia/Kolkata, Asia/Jerusalem or Europe/Dublin"),
        ("CST", "America/Chicago, Asia/Shanghai or Asia/Taipei"),
        ("UTC+2", "Europe/Berlin, Africa/Johannesburg or Europe/Athens"),
        ("GMT -5", "America/Chicago, America/Bogota or America/New_York"),
        ("+05:30", "Asia/Kolkata"),
        ("utc+0", "UTC or Europe/London"),
        ("+13:45", "no zone has that offset"),
        ("localtime", "such as Europe/Paris"),
        ("Europe/Pariss", "Did you mean “Europe/Paris”?"),
        ("berlni", "Did you mean “Europe/Berlin”?"),
        ("", "such as Europe/Paris"),
    ],
)
def test_what_may_mean_several_zones_or_none_is_answered_with_those_that_may_be_meant(raw, told):
    with pytest.raises(ValueError, match=r"zone") as error:
        zones.timezone(raw)
    assert told in str(error.value)


def test_every_zone_of_the_tables_exists():
    named = {*zones._CITIES.values(), *zones._FOR_OFFSETS}
    named.update(zone for several in zones._ABBREVIATIONS.values() for zone in several)
    assert {zone: ZoneInfo(zone).key for zone in named} == {zone: zone for zone in named}
    assert named - {"UTC"} <= set(zones._zones().values())


def test_zones_are_suggested_by_their_names_cities_and_abbreviations():
    assert zones.timezones_like("paris", 3)[0] == "Europe/Paris"
    assert zones.timezones_like("cet", 5)[:3] == ["Europe/Berlin", "Europe/Paris", "Europe/Madrid"]
    assert zones.timezones_like("San F", 5) == ["America/Los_Angeles"]
