"""Paces the calls to a platform, across all processes that share a rate limiter."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from bot.domain.errors import NotSent, TooBusy
from bot.ports.clock import Clock
from bot.ports.coordination import Pace, RateLimiter


class Deadline:
    """The moment after which a call may no longer begin.

    It counts by the monotonic counter and by the wall clock. A suspended virtual machine stops its counter,
    and only its wall clock tells on waking how long it slept.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._elapsed = clock.elapsed() + seconds
        self._until = clock.now() + timedelta(seconds=seconds)

    @property
    def passed(self) -> bool:
        """Whether either clock says that it is too late."""
        return self._clock.elapsed() > self._elapsed or self._clock.now() > self._until


_start_deadline: ContextVar[Deadline | None] = ContextVar("start_deadline", default=None)


@contextmanager
def start_before(deadline: Deadline) -> Iterator[None]:
    """Let no platform call inside the context begin after the deadline.

    The lease of a post ends some time after it. A call that waited too long for its turn must not begin:
    another process may have claimed the post by then, and it would be posted twice.

    Raises:
        NotSent: the deadline has passed, on entry or when a call's turn comes.

    """
    before = _start_deadline.set(deadline)
    try:
        _require_time()
        yield
    finally:
        _start_deadline.reset(before)


@contextmanager
def without_start_deadline() -> Iterator[None]:
    """Lift the deadline inside the context, for calls that cannot post anything twice."""
    before = _start_deadline.set(None)
    try:
        yield
    finally:
        _start_deadline.reset(before)


class Pacer:
    """Keeps one platform's rate limits, together with all processes that share the limiter."""

    def __init__(self, platform: str, limiter: RateLimiter) -> None:
        self._platform = platform
        self.limiter = limiter
        """May be replaced before the first call, once the shared limiter is known."""

    async def wait(
        self, name: str, interval: float, patience: float, *, burst: int = 0, everywhere: bool = False
    ) -> None:
        """Wait for the next turn of the limit called `name`; turns are `interval` seconds apart.

        After an idle time, up to `burst` more turns come at once.

        Raises:
            NotSent: the turn would take longer than `patience` seconds. `retry_after` says how long, and
                `everywhere` is passed on. Or the turn came after the deadline of `start_before`.

        """
        try:
            async with self.limiter.turn(f"{self._platform}:{name}", Pace(interval, burst=burst), patience):
                _require_time()
        except TooBusy as busy:
            detail = f"{self._platform} asks to wait."
            raise NotSent(detail, retry_after=busy.seconds, everywhere=everywhere) from busy

    async def hold(self, name: str, seconds: float) -> None:
        """Give nobody a turn for so many seconds, as when the platform answers 429."""
        await self.limiter.hold(f"{self._platform}:{name}", seconds)


def _require_time() -> None:
    deadline = _start_deadline.get()
    if deadline is not None and deadline.passed:
        raise NotSent("Its turn came too late.")
