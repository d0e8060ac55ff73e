"""How often a platform is called, by turns that all processes share where they can."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from bot.domain.errors import NotSent, TooBusy
from bot.ports.clock import Clock
from bot.ports.coordination import Pace, RateLimiter


class Deadline:
    """How long something may still begin: by the seconds that passed, and by our clock.

    Where a computer is stopped together with its counter, as a virtual one may be, its clock is set later.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Count from now on."""
        self._clock = clock
        self._elapsed = clock.elapsed() + seconds
        self._until = clock.now() + timedelta(seconds=seconds)

    @property
    def passed(self) -> bool:
        """Whether it is too late by either."""
        return self._clock.elapsed() > self._elapsed or self._clock.now() > self._until


_start_deadline: ContextVar[Deadline | None] = ContextVar("start_deadline", default=None)


@contextmanager
def start_before(deadline: Deadline) -> Iterator[None]:
    """Within it no call begins later, however long its turn takes to come, or the computer sleeps meanwhile.

    Raises:
        NotSent: it is later already. What is called within it raises that as well.

    """
    before = _start_deadline.set(deadline)
    try:
        _require_time()
        yield
    finally:
        _start_deadline.reset(before)


@contextmanager
def without_start_deadline() -> Iterator[None]:
    """Within it calls may begin late again."""
    before = _start_deadline.set(None)
    try:
        yield
    finally:
        _start_deadline.reset(before)


class Pacer:
    """Keeps one platform's limits, and lets every process know what it asks for."""

    def __init__(self, platform: str, limiter: RateLimiter) -> None:
        """Take the platform's name; its turns are those of `limiter`, which may be put in later."""
        self._platform = platform
        self.limiter = limiter

    async def wait(
        self, name: str, interval: float, patience: float, *, burst: int = 0, everywhere: bool = False
    ) -> None:
        """Wait for one's turn at what has this name; the next comes `interval` seconds later.

        After a rest, `burst` more come at once.

        Raises:
            NotSent: it would not come within `patience` seconds; `retry_after` says when, and `everywhere` is
                handed on. Or it came too late for who has to begin by a moment.

        """
        try:
            async with self.limiter.turn(f"{self._platform}:{name}", Pace(interval, burst=burst), patience):
                _require_time()
        except TooBusy as busy:
            asked = f"{self._platform} asks to wait."
            raise NotSent(asked, retry_after=busy.seconds, everywhere=everywhere) from busy

    async def hold(self, name: str, seconds: float) -> None:
        """Let nobody's turn come before so many seconds have passed."""
        await self.limiter.hold(f"{self._platform}:{name}", seconds)


def _require_time() -> None:
    deadline = _start_deadline.get()
    if deadline is not None and deadline.passed:
        raise NotSent("Its turn came too late.")
