"""Whose time counts."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.common.findings import Health
from adapters.console import CONSOLE
from adapters.slack import SLACK
from app.doctor import _clock
from bot.domain.errors import NotSent
from bot.posting.clocks import Clocks, PlatformClock, ahead_text

TRUE = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


class Wall:
    """A clock that is so much ahead, beside a counter that only goes on."""

    def __init__(self, ahead=timedelta()):
        self.ahead, self.passed = ahead, 1000.0

    def now(self):
        return TRUE + timedelta(seconds=self.passed - 1000.0) + self.ahead

    def elapsed(self):
        return self.passed


class Answering:
    """A surface that tells the true time when it is asked, or does not answer."""

    def __init__(self, wall, *, answers=True):
        self.own_clock = PlatformClock("Slack", wall)
        self.wall, self.answers, self.greeted = wall, answers, 0

    async def ping(self):
        self.greeted += 1
        if not self.answers:
            raise NotSent("Slack could not be reached.")
        self.own_clock.sync(header(self.wall))


class Timeless:
    own_clock = None


def header(wall, late=0.0):
    return format_datetime(wall.now() - wall.ahead - timedelta(seconds=late), usegmt=True)


@pytest.mark.parametrize("hours", [-14, -3, 0, 3, 14])
def test_a_platforms_time_counts_however_wrong_ours_is(hours):
    wall = Wall(timedelta(hours=hours))
    surface = Answering(wall)
    clocks = Clocks(wall, {SLACK: surface, CONSOLE: Timeless()})
    surface.own_clock.sync(header(wall))
    wall.passed += 90
    assert clocks.of(SLACK).now() == TRUE + timedelta(seconds=90)
    assert clocks.of(CONSOLE).now() == wall.now()
    assert clocks.best() == TRUE + timedelta(seconds=90)


def test_setting_our_clock_between_answers_changes_nothing():
    wall = Wall()
    surface = Answering(wall)
    clocks = Clocks(wall, {SLACK: surface})
    surface.own_clock.sync(header(wall))
    for ahead in (timedelta(hours=3), timedelta(hours=-14)):
        wall.ahead = ahead
        wall.passed += 1
        assert clocks.now(SLACK) == wall.now() - ahead


def test_an_answer_that_was_long_on_its_way_sets_nothing_back():
    wall = Wall()
    clock = PlatformClock("Slack", wall)
    clock.sync(header(wall))
    wall.passed += 60
    clock.sync(header(wall, late=45))
    assert TRUE + timedelta(seconds=59.5) < clock.now() <= TRUE + timedelta(seconds=60)


def test_a_platform_that_corrects_its_clock_is_followed():
    wall = Wall()
    clock = PlatformClock("Slack", wall)
    clock.sync(header(wall, late=-3600))
    assert clock.now() == TRUE + timedelta(hours=1)
    clock.sync(header(wall))
    assert clock.now() == TRUE


@pytest.mark.parametrize("date", [None, "", "soon", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_what_is_no_date_tells_nothing(date):
    clock = PlatformClock("Slack", Wall())
    clock.sync(date)
    assert not clock.known


async def test_a_platform_is_ready_once_it_has_answered_and_one_without_a_clock_at_once(caplog):
    wall = Wall()
    surface = Answering(wall, answers=False)
    clocks = Clocks(wall, {SLACK: surface, CONSOLE: Timeless()})
    assert not await clocks.sync()
    assert clocks.ready == [CONSOLE]
    assert "Nothing is posted to Slack until its time is known" in caplog.text
    surface.answers = True
    assert await clocks.sync()
    assert clocks.ready == [SLACK, CONSOLE]


async def test_one_that_has_told_its_time_of_late_is_not_asked_again():
    wall = Wall()
    surface = Answering(wall)
    clocks = Clocks(wall, {SLACK: surface})
    for _ in range(3):
        await clocks.sync()
    assert surface.greeted == 1
    wall.passed += 3601
    await clocks.sync()
    assert surface.greeted == 2


def test_the_log_says_once_that_a_difference_begins_and_that_it_ends(caplog):
    caplog.set_level(logging.INFO)
    wall = Wall(timedelta(seconds=50))
    surface = Answering(wall)
    clocks = Clocks(wall, {SLACK: surface})
    surface.own_clock.sync(header(wall))
    clocks.now(SLACK)
    assert not caplog.records
    for ahead in (timedelta(hours=14), timedelta(hours=14), timedelta(seconds=50), timedelta()):
        wall.ahead = ahead
        clocks.now(SLACK)
    assert [each.getMessage() for each in caplog.records] == [
        "Our clock is 14 h 0 min ahead of that of slack. The platform's time is used",
        "Our clock agrees with that of slack again",
    ]


@pytest.mark.parametrize(
    ("seconds", "health"), [(0, Health.GOOD), (59, Health.GOOD), (61, Health.WARNING), (-61, Health.WARNING)]
)
def test_the_doctor_warns_of_a_difference_of_more_than_a_minute(seconds, health):
    wall = Wall(timedelta(seconds=seconds))
    surface = Answering(wall)
    surface.own_clock.sync(header(wall))
    assert _clock(surface.own_clock, wall).health is health


def test_the_doctor_warns_where_a_platform_does_not_tell_its_time():
    assert _clock(PlatformClock("Slack", Wall()), Wall()).health is Health.WARNING


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(hours=3, minutes=5), "3 h 5 min ahead of"),
        (timedelta(hours=-14), "14 h 0 min behind"),
        (timedelta(seconds=75), "1 min 15 s ahead of"),
    ],
)
def test_a_difference_is_said_in_words(ahead, text):
    assert ahead_text(ahead) == text
