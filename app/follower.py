"""The loop of a process that does not work: its index follows what others take in."""

import logging
import secrets
from datetime import datetime

from app.worker import LONGEST_SLEEP
from bot.ports.clock import Clock
from bot.ports.coordination import Wakeup
from bot.ports.library import Library

_log = logging.getLogger(__name__)


class Follower:
    """Reads what other processes have taken in."""

    def __init__(self, library: Library, *, wakeup: Wakeup, clock: Clock) -> None:
        """Take the library to bring up to date, and what tells that there is something new."""
        self._library = library
        self._wakeup = wakeup
        self._clock = clock
        self.last_round: datetime | None = None
        """When it last came round, for health checks."""

    async def run(self) -> None:
        """Follow until cancelled. A round that fails is logged, and the next one tries again."""
        while True:
            try:
                await self._library.refresh()
            except Exception:  # noqa: BLE001 - the edge: whatever a round fails of, the next is tried
                _log.exception("Reference %s: what is new was not read", secrets.token_hex(4))
            else:
                self.last_round = self._clock.now()
            await self._wakeup.wait(LONGEST_SLEEP)
