"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, which tests can set."""

    def now(self) -> datetime:
        """Return the time in UTC, with its zone."""
        ...

    def elapsed(self) -> float:
        """Return seconds since some fixed moment, from a counter that setting the clock does not change."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds."""
        ...


class PlatformTime(Protocol):
    """A platform's own time, learned from its answers."""

    name: str
    counter: Clock
    """Counts the seconds since the last answer."""

    @property
    def known(self) -> bool:
        """Whether the platform has answered with its time."""
        ...

    @property
    def fresh(self) -> bool:
        """Whether its last answer is recent."""
        ...

    def now(self) -> datetime:
        """Return the platform's time. `known` has to be true."""
        ...
