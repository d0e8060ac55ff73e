"""Waiting for what another process or task brings about."""

import time
from collections.abc import Callable

DEADLINE = 60.0
"""Seconds; far more than anything takes, so that only what never comes fails."""


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most until the deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "the deadline is past"
        time.sleep(0.02)
