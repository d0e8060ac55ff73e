"""HTTP/1.1 that gives nobody more time than the limits, which uvicorn itself does not bound."""

import asyncio
import random
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from app.http.limits import Limits, TurnedAway


class Doors(ServerState):
    """What all connections of a server have in common."""

    def __init__(self, limits: Limits, turned_away: TurnedAway) -> None:
        super().__init__()
        self.limits = limits
        self.turned_away = turned_away
        self.waiting: dict[BoundedProtocol, None] = {}
        """Connections whose request is not complete, those that have waited longest first."""

    def make_room(self) -> None:
        """Close the longest waiting connection if there are too many.

        So whoever opens thousands pushes out their own, and a whole request is always taken.
        """
        if len(self.connections) > self.limits.connections and self.waiting:
            next(iter(self.waiting)).turn_away("too many connections")


class BoundedProtocol(H11Protocol):
    """One connection. A timer runs whenever it is the caller's turn, and nothing that they send renews it."""

    _timer: asyncio.TimerHandle | None = None

    @property
    def _doors(self) -> Doors:
        return cast("Doors", self.server_state)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Wait for a request."""
        super().connection_made(transport)
        self._wait()
        self._doors.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._disarm()
        self._doors.waiting.pop(self, None)
        super().connection_lost(exc)
        # The two hold each other: thousands of them make the garbage collector stop everything to look.
        self.cycle = None  # type: ignore[assignment]  # uvicorn begins with None as well

    def handle_events(self) -> None:
        """Take what has come, and stop waiting for what is complete."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._disarm()  # the headers are here; `Bounds` gives the body its time
            if not self.cycle.more_body:
                self._doors.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for a slow reader to take the end of this answer."""
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._doors.turned_away.note("no HTTP")
        self._arm(self._doors.limits.write_seconds, "did not read")
        super().send_400_response(msg)

    def pause_writing(self) -> None:
        """Wait for a slow reader."""
        super().pause_writing()
        self._arm(self._doors.limits.write_seconds, "did not read")

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        if self.cycle is not None and not self.cycle.response_complete:
            self._disarm()

    def turn_away(self, why: str) -> None:
        """Close the connection at once, without waiting for the caller to agree."""
        self._doors.turned_away.note(why)
        self._doors.waiting.pop(self, None)
        self._disarm()
        self.transport.abort()

    def _wait(self) -> None:
        self._doors.waiting.pop(self, None)
        self._doors.waiting[self] = None
        # Those who came at the same moment shall not be closed, and come again, at the same moment.
        spread = random.uniform(0.8, 1)  # noqa: S311 - nothing secret
        self._arm(self._doors.limits.head_seconds * spread, "sent no whole request")

    def _arm(self, seconds: float, why: str) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self.turn_away, why)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
