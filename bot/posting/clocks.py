"""Tells the time on each platform: from the platform's own answers, or else by our clock."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.domain.channel import Platform
from bot.domain.errors import DeliveryError
from bot.ports.clock import Clock
from bot.ports.surface import Surface

MAX_DIFFERENCE = timedelta(minutes=1)
"""If our clock differs from a platform's by more, the log says so."""
AGREES_BELOW = timedelta(seconds=30)
"""Below this they agree again. The gap between both limits keeps the log from repeating itself."""
MAX_DELAY = 60.0
"""Seconds. No answer travels this long: if a `Date` lags by more, the platform set its clock back."""
DRIFT = 1e-3
"""Our counter of seconds may run this much too fast, as a share of the time that passes."""
SYNC_INTERVAL = 3600.0
"""Seconds after which a platform that sent no answer is asked for its time again."""
_log = logging.getLogger(__name__)


class PlatformClock:
    """A platform's own time: the `Date` header of its last answer, plus the seconds counted since.

    It does not depend on our wall clock, which may be wrong or be set at any moment.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        """`clock` counts the seconds between answers. It may be replaced before the first answer."""
        self.name = name
        self.counter = clock
        self._offset: float | None = None
        self._synced_at = 0.0

    @property
    def known(self) -> bool:
        """Whether the platform's time is known."""
        return self._offset is not None

    @property
    def fresh(self) -> bool:
        """Whether it was synchronised within the last hour."""
        return self.known and self.counter.elapsed() - self._synced_at < SYNC_INTERVAL

    def sync(self, date: str | None) -> None:
        """Synchronise with the `Date` header of an answer that just arrived. An invalid one is ignored."""
        try:
            platform_time = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError):
            return
        elapsed = self.counter.elapsed()
        offset = platform_time - elapsed
        if self._offset is not None:
            # An answer travels for a while, and its `Date` is rounded down to a second. Both make the time
            # look earlier than it is, so the latest estimate is the best one.
            lowest = self._offset - DRIFT * max(0.0, elapsed - self._synced_at)
            if lowest - MAX_DELAY <= offset < lowest:
                offset = lowest
        self._offset, self._synced_at = offset, elapsed

    def now(self) -> datetime:
        """Return the platform's time. `known` must be true."""
        assert self._offset is not None, "the platform's time is not known yet"
        return datetime.fromtimestamp(self._offset + self.counter.elapsed(), UTC)


class Clocks:
    """The clock of each platform that this process has a surface for."""

    def __init__(self, ours: Clock, surfaces: Mapping[Platform, Surface]) -> None:
        self.ours = ours
        self._surfaces = surfaces
        self._theirs = {
            platform: surface.own_clock
            for platform, surface in surfaces.items()
            if surface.own_clock is not None
        }
        self._differing: set[Platform] = set()
        for clock in self._theirs.values():
            clock.counter = ours

    @property
    def platforms(self) -> Collection[Platform]:
        """The platforms that have a surface in this process."""
        return self._surfaces.keys()

    @property
    def ready(self) -> list[Platform]:
        """The platforms whose time is known. Nothing is planned or posted on the others."""
        unknown = {platform for platform, clock in self._theirs.items() if not clock.known}
        return [platform for platform in self._surfaces if platform not in unknown]

    def of(self, platform: Platform) -> Clock:
        """Return a platform's clock; ours, if its time is not known."""
        return _ClockOf(self, platform)

    def now(self, platform: Platform) -> datetime:
        """Return the time on a platform. Log it once if our clock begins to differ, or agrees again."""
        ours, theirs = self.ours.now(), self._platform_time(platform)
        if theirs is None:
            return ours
        self._compare(platform, ours - theirs)
        return theirs

    def best(self) -> datetime:
        """Return the time by any platform's clock, or else by ours."""
        times = map(self._platform_time, self._theirs)
        return next((each for each in times if each is not None), None) or self.ours.now()

    async def sync(self) -> bool:
        """Ask platforms for their time if it is not fresh. Return whether all times are known."""
        stale = [platform for platform, clock in self._theirs.items() if not clock.fresh]
        return all(await asyncio.gather(*map(self._ask, stale)))

    async def _ask(self, platform: Platform) -> bool:
        clock = self._theirs[platform]
        try:
            await self._surfaces[platform].ping()
        except DeliveryError as failure:
            if not clock.known:
                _log.warning("Nothing is posted to %s until its time is known: %s", clock.name, failure)
        return clock.known

    def _platform_time(self, platform: Platform) -> datetime | None:
        clock = self._theirs.get(platform)
        return clock.now() if clock is not None and clock.known else None

    def _compare(self, platform: Platform, ahead: timedelta) -> None:
        if platform not in self._differing and abs(ahead) > MAX_DIFFERENCE:
            self._differing.add(platform)
            _log.warning(
                "Our clock is %s that of %s. The platform's time is used", ahead_text(ahead), platform
            )
        elif platform in self._differing and abs(ahead) < AGREES_BELOW:
            self._differing.remove(platform)
            _log.info("Our clock agrees with that of %s again", platform)


class _ClockOf:
    """One platform's clock."""

    def __init__(self, clocks: Clocks, platform: Platform) -> None:
        self._clocks = clocks
        self._platform = platform

    def now(self) -> datetime:
        """Return the time on the platform."""
        return self._clocks.now(self._platform)

    def elapsed(self) -> float:
        """Return the seconds by our counter."""
        return self._clocks.ours.elapsed()

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds."""
        await self._clocks.ours.sleep(seconds)


def ahead_text(ahead: timedelta) -> str:
    """Say by how much a clock is ahead of another or behind it. The other one's name follows."""
    seconds = round(abs(ahead).total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    much = f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds % 60} s"
    return f"{much} {'ahead of' if ahead > timedelta() else 'behind'}"
