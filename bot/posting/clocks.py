"""What time it is on each platform: by its own answers where it tells, by our clock where it does not."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.domain.channel import Platform
from bot.domain.errors import DeliveryError
from bot.ports.clock import Clock
from bot.ports.surface import Surface

DIFFERS = timedelta(minutes=1)
"""A clock that is wrong by more is reported."""
AGREES = timedelta(seconds=30)
"""One that was reported is right again below this, so that it is not reported over and over."""
LATE = 60.0
"""Seconds. No answer is on its way for so long, so a time that lags by more was set back by the platform."""
DRIFT = 1e-3
"""By so much of what passes our count of seconds may be too fast."""
ASKED_AGAIN = 3600.0
"""Seconds after which a platform that has said nothing meanwhile is asked for its time anew."""
_log = logging.getLogger(__name__)


class PlatformClock:
    """A platform's own time, from the `Date` header of its answers and from the seconds that passed since.

    Between answers it does not depend on our clock, which may be wrong or be set at any moment.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        """Take the platform's name, and what counts seconds; that may be replaced before the first answer."""
        self.name = name
        self.counter = clock
        self._offset: float | None = None
        self._synced_at = 0.0

    @property
    def known(self) -> bool:
        """Whether the platform has told its time."""
        return self._offset is not None

    @property
    def fresh(self) -> bool:
        """Whether it has told it within the last hour."""
        return self.known and self.counter.elapsed() - self._synced_at < ASKED_AGAIN

    def sync(self, date: str | None) -> None:
        """Take the `Date` header of an answer that has just come; what is no date is left out."""
        try:
            told = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError):
            return
        elapsed = self.counter.elapsed()
        offset = told - elapsed
        if self._offset is not None:
            # Each answer was sent before it came, and its second had begun: the latest time is the best one.
            lowest = self._offset - DRIFT * max(0.0, elapsed - self._synced_at)
            if lowest - LATE <= offset < lowest:
                offset = lowest
        self._offset, self._synced_at = offset, elapsed

    def now(self) -> datetime:
        """Give the platform's time; `known` has to be true."""
        assert self._offset is not None, "the platform has not told its time yet"
        return datetime.fromtimestamp(self._offset + self.counter.elapsed(), UTC)


class Clocks:
    """The clock of each platform that this process has a surface for."""

    def __init__(self, ours: Clock, surfaces: Mapping[Platform, Surface]) -> None:
        """Take our clock, which counts for surfaces without one of their own."""
        self.ours = ours
        self._surfaces = surfaces
        self._differing: set[Platform] = set()
        for surface in surfaces.values():
            if surface.own_clock is not None:
                surface.own_clock.counter = ours

    @property
    def platforms(self) -> Collection[Platform]:
        """The platforms with a surface here."""
        return self._surfaces.keys()

    @property
    def ready(self) -> list[Platform]:
        """The platforms with a surface here whose time is known: only there may anything be posted."""
        return [
            platform
            for platform, surface in self._surfaces.items()
            if surface.own_clock is None or surface.own_clock.known
        ]

    def of(self, platform: Platform) -> Clock:
        """Give a platform's clock: ours, where it has none or has told nothing yet."""
        return _ClockOf(self, platform)

    def now(self, platform: Platform) -> datetime:
        """Give the time on a platform; the log hears once when ours begins to differ, and when that ends."""
        ours, told = self.ours.now(), self._told(platform)
        if told is None:
            return ours
        self._compare(platform, ours - told)
        return told

    def best(self) -> datetime:
        """Give the time as some platform has told it, or else by our clock."""
        told = (self._told(platform) for platform in self._surfaces)
        return next((each for each in told if each is not None), None) or self.ours.now()

    async def learn(self) -> bool:
        """Ask the platforms that have not told their time of late; whether all of them have by now."""
        asked = [each for each in self._surfaces.values() if each.own_clock and not each.own_clock.fresh]
        return all(await asyncio.gather(*(self._ask(each) for each in asked)))

    async def _ask(self, surface: Surface) -> bool:
        clock = surface.own_clock
        assert clock is not None, "the others are not asked"
        try:
            await surface.ping()
        except DeliveryError as failure:
            if not clock.known:
                _log.warning("Nothing is posted to %s before it has told its time: %s", clock.name, failure)
        return clock.known

    def _told(self, platform: Platform) -> datetime | None:
        surface = self._surfaces.get(platform)
        clock = None if surface is None else surface.own_clock
        return clock.now() if clock is not None and clock.known else None

    def _compare(self, platform: Platform, ahead: timedelta) -> None:
        if platform not in self._differing and abs(ahead) > DIFFERS:
            self._differing.add(platform)
            _log.warning("Our clock is %s that of %s, whose time is used", ahead_text(ahead), platform)
        elif platform in self._differing and abs(ahead) < AGREES:
            self._differing.remove(platform)
            _log.info("Our clock agrees with that of %s again", platform)


class _ClockOf:
    """One platform's clock."""

    def __init__(self, clocks: Clocks, platform: Platform) -> None:
        self._clocks = clocks
        self._platform = platform

    def now(self) -> datetime:
        """Give the time on the platform."""
        return self._clocks.now(self._platform)

    def elapsed(self) -> float:
        """Seconds by our counter."""
        return self._clocks.ours.elapsed()

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        await self._clocks.ours.sleep(seconds)


def ahead_text(ahead: timedelta) -> str:
    """Say by how much a clock is ahead of another, or behind it, to be followed by the other."""
    seconds = round(abs(ahead).total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    much = f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds % 60} s"
    return f"{much} {'ahead of' if ahead > timedelta() else 'behind'}"
