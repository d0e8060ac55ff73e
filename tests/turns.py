"""Turns by a clock that a test sets, so that nobody waits for them."""

from typing import Any

from storage.shared.rate_limits import LocalRateLimiter


def by_clock(clock: Any) -> LocalRateLimiter:
    return LocalRateLimiter(pause=clock.sleep, clock=clock.timestamp)
