"""Time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """Give the time now, in UTC with its zone."""
        ...

    def elapsed(self) -> float:
        """Seconds since some moment, by a counter that goes on however the clock is set."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...


class PlatformTime(Protocol):
    """A platform's own time, as its answers tell it."""

    name: str
    counter: Clock
    """What counts the seconds since the last answer."""

    @property
    def known(self) -> bool:
        """Whether the platform has told its time."""
        ...

    @property
    def fresh(self) -> bool:
        """Whether it has told it of late."""
        ...

    def now(self) -> datetime:
        """Give its time; `known` has to be true."""
        ...
