"""Time that passes faster, for whole processes at once.

Time-outs, leases and pauses keep their figures and their order; only the seconds are shorter.
"""

import asyncio
import math
import selectors
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Skew:
    """How wrong a worker's clock is: so much ahead from the start, and then from a moment on."""

    hours: float = 0.0
    then_hours: float = 0.0
    after: float = math.inf
    """When it is set, in seconds of its own after the start."""

    def ahead(self, passed: float) -> timedelta:
        return timedelta(hours=self.hours if passed < self.after else self.then_hours)


@dataclass(frozen=True, slots=True)
class Pace:
    """A clock that runs `rate` times as fast, the same in every process of this computer."""

    rate: float
    start: datetime
    began: float = field(default_factory=time.monotonic)
    skew: Skew = Skew()

    def now(self) -> datetime:
        passed = self.elapsed()
        return self.start + timedelta(seconds=passed) + self.skew.ahead(passed)

    def elapsed(self) -> float:
        return (time.monotonic() - self.began) * self.rate

    def timestamp(self) -> float:
        return self.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def loop(self) -> asyncio.AbstractEventLoop:
        """An event loop whose seconds are this clock's."""
        return _Loop(self.rate)


class _Selector(selectors.DefaultSelector):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._rate)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, rate: float) -> None:
        self._rate = rate
        super().__init__(_Selector(rate))

    def time(self) -> float:
        return super().time() * self._rate
