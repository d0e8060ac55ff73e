"""The limits on callers of the HTTP server, and the count of callers that were turned away."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on every caller, signed request or not. Slack's own requests stay far below them."""

    head_seconds: float = 5.0
    """How long a caller may take to send all headers of a request, from connecting or the answer before."""
    body_seconds: float = 5.0
    """How long a caller may take to send the body after the headers."""
    write_seconds: float = 10.0
    """How long a caller may leave an answer unread."""
    body_bytes: int = 1 << 20
    bodies_bytes: int = 64 << 20
    """The most memory that the bodies of all requests may take together."""
    head_bytes: int = 16 << 10
    connections: int = 4096
    """If there is one more, the connection whose request has been incomplete for longest is closed."""
    idle_seconds: int = 4
    """How long a connection stays open for another request."""
    report_seconds: float = 60.0
    """How often the log says who was turned away."""


class TurnedAway:
    """Counts callers that were turned away, and logs one line every so many seconds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._counts: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def note(self, why: str) -> bool:
        """Count one. Returns whether it is the first for this reason since the last line in the log."""
        self._counts[why] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self.report)
        return self._counts[why] == 1

    def report(self) -> None:
        """Log the counts since the last line, if there are any."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._counts:
            counts = ", ".join(f"{number} ({why})" for why, number in sorted(self._counts.items()))
            _log.warning("HTTP requests turned away in the last minute: %s", counts)
            self._counts.clear()
