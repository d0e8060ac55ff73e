"""HTTP/1.1 connections with time limits. uvicorn itself has none for slow callers."""

import asyncio
import random
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from app.http.limits import Limits, TurnedAway


class Connections(ServerState):
    """The state that all connections of a server share."""

    def __init__(self, limits: Limits, turned_away: TurnedAway) -> None:
        super().__init__()
        self.limits = limits
        self.turned_away = turned_away
        self.waiting: dict[BoundedProtocol, None] = {}
        """Connections whose request is incomplete, the longest waiting first. The dict is an ordered set."""

    def make_room(self) -> None:
        """If there are too many connections, close the one whose request has been incomplete for longest.

        So a caller that opens thousands pushes out its own, and nobody who sends a whole request.
        """
        if len(self.connections) > self.limits.connections and self.waiting:
            next(iter(self.waiting)).turn_away("too many connections")


class BoundedProtocol(H11Protocol):
    """One connection.

    A timer runs while we wait for the caller to send or to read. A caller who sends a byte at a time can't
    reset it.
    """

    _timer: asyncio.TimerHandle | None = None

    @property
    def _shared(self) -> Connections:
        return cast("Connections", self.server_state)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Start to wait for a request."""
        super().connection_made(transport)
        self._wait()
        self._shared.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._disarm()
        self._shared.waiting.pop(self, None)
        super().connection_lost(exc)
        # Connection and cycle refer to each other. Thousands of such pairs would make the garbage collector
        # halt the process for long.
        self.cycle = None  # type: ignore[assignment]  # as at the start of a connection

    def handle_events(self) -> None:
        """Handle what arrived. Stop the timer when the headers are complete."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._disarm()  # from here on `Bounds` limits the time of the body
            if not self.cycle.more_body:
                self._shared.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """Start to wait for the next request, and for the caller to read the end of this answer."""
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer a caller who does not speak HTTP."""
        self._shared.turned_away.note("no HTTP")
        self._arm(self._shared.limits.write_seconds, "did not read")
        super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Start to wait for a caller who reads slowly."""
        super().pause_writing()
        self._arm(self._shared.limits.write_seconds, "did not read")

    def resume_writing(self) -> None:
        """Go on writing: the caller has read enough."""
        super().resume_writing()
        if self.cycle is not None and not self.cycle.response_complete:
            self._disarm()

    def turn_away(self, why: str) -> None:
        """Count the caller, and close the connection at once."""
        self._shared.turned_away.note(why)
        self._shared.waiting.pop(self, None)
        self._disarm()
        self.transport.abort()

    def _wait(self) -> None:
        self._shared.waiting.pop(self, None)
        self._shared.waiting[self] = None
        # Spread the limits: callers who connected together must not be closed, and reconnect, together.
        spread = random.uniform(0.8, 1)  # noqa: S311 - nothing secret
        self._arm(self._shared.limits.head_seconds * spread, "sent no whole request")

    def _arm(self, seconds: float, why: str) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self.turn_away, why)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
