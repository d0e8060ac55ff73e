"""What a caller of the HTTP server may take, and the count of those that were turned away."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on callers, signed or not; Slack's own requests stay far below all of them."""

    head_seconds: float = 5.0
    """From the connection, or the answer before, until a request's headers are complete."""
    body_seconds: float = 5.0
    """From then until its body is complete."""
    write_seconds: float = 10.0
    """How long a caller may leave an answer unread."""
    body_bytes: int = 1 << 20
    bodies_bytes: int = 64 << 20
    """All bodies together that are held at one time."""
    head_bytes: int = 16 << 10
    connections: int = 4096
    """At one more, the connection that has waited longest for its request to be complete is closed."""
    idle_seconds: int = 4
    """How long a connection is kept for another request."""
    report_seconds: float = 60.0
    """How often the log says who was turned away."""


class TurnedAway:
    """Counts callers that were turned away, and logs one line a minute, however many they were."""

    def __init__(self, every: float) -> None:
        """Take the seconds between two lines."""
        self._every = every
        self._counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def note(self, why: str) -> bool:
        """Count one; whether it is the first of its kind since the last line."""
        self._counts[why] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self.report)
        return self._counts[why] == 1

    def report(self) -> None:
        """Log what was counted since the last line, if anything was."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._counts:
            counts = ", ".join(f"{number} ({why})" for why, number in sorted(self._counts.items()))
            _log.warning("HTTP requests turned away in the last minute: %s", counts)
            self._counts.clear()
