"""What processes share: wake-ups, rate limits and a cache."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


class Wakeup(Protocol):
    """A bell between processes: lost rings only make things slower."""

    async def wake(self) -> None:
        """Wake whoever waits."""
        ...

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring for so many seconds; whether one came. A ring while nobody waits is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something may be done, by whomever."""

    interval: float
    """Seconds from one beginning to the next, or from an end to the next beginning where each is alone."""
    exclusive: bool = False
    """Whether one has to end before the next may begin."""
    burst: int = 0
    """So many more may begin at once after a rest; as long a rest pays for each."""


class RateLimiter(Protocol):
    """Turns, one after the other in all processes that share them."""

    def turn(self, name: str, pace: Pace, patience: float) -> AbstractAsyncContextManager[None]:
        """Wait for one's turn at what has this name; it lasts as long as the context.

        Raises:
            TooBusy: it would not come within `patience` seconds.

        """
        ...

    async def hold(self, name: str, seconds: float) -> None:
        """Let nobody's turn come before so many seconds have passed."""
        ...


class Cache(Protocol):
    """Bytes that may be forgotten at any time."""

    async def get(self, key: str) -> bytes | None:
        """Give what was put there and has not expired."""
        ...

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value for so many seconds, in place of the one before."""
        ...

    async def drop(self, key: str) -> None:
        """Forget a value."""
        ...
