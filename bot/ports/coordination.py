"""What processes share: wake-ups, rate limits and a cache."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


class Wakeup(Protocol):
    """Wakes other processes when there is work. A lost wake-up only makes things slower."""

    async def wake(self) -> None:
        """Wake all processes that wait."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for a wake-up. Returns whether one came.

        A wake-up while nobody waits is kept for the next wait.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something may be done, over all processes."""

    interval: float
    """Seconds from one start to the next. If exclusive, from one end to the next start."""
    exclusive: bool = False
    """Whether one has to end before the next may start."""
    burst: int = 0
    """How many more may start at once after a rest. Each costs one interval of rest."""


class RateLimiter(Protocol):
    """Gives turns one after the other, over all processes that share it."""

    def turn(self, name: str, pace: Pace, patience: float) -> AbstractAsyncContextManager[None]:
        """Wait for a turn at `name`, and keep it for as long as the context lasts.

        Raises:
            TooBusy: the turn would not come within `patience` seconds.

        """
        ...

    async def hold(self, name: str, seconds: float) -> None:
        """Give no turn at `name` for so many seconds, as when a server answers Retry-After."""
        ...


class Cache(Protocol):
    """Bytes that may be forgotten at any time."""

    async def get(self, key: str) -> bytes | None:
        """Return a value, None if it has expired or was forgotten."""
        ...

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Store a value for so many seconds, in place of the one before."""
        ...

    async def drop(self, key: str) -> None:
        """Delete a value."""
        ...
