"""The loop of a gateway: it keeps the process's search index up to date with what workers add."""

import logging
import secrets
from datetime import datetime

from app.worker import LONGEST_SLEEP
from bot.ports.clock import Clock
from bot.ports.coordination import Wakeup
from bot.ports.library import Library

_log = logging.getLogger(__name__)


class Follower:
    """Reads the papers that other processes added, again and again."""

    def __init__(self, library: Library, *, wakeup: Wakeup, clock: Clock) -> None:
        self._library = library
        self._wakeup = wakeup
        self._clock = clock
        self.last_round: datetime | None = None
        """When the last successful round ended, for health checks."""

    async def run(self) -> None:
        """Follow until cancelled. A round that fails is logged, and the next one tries again."""
        while True:
            try:
                await self._library.refresh()
            except Exception:  # noqa: BLE001 - the edge: whatever the error, the next round tries again
                _log.exception(
                    "Reference %s: could not read new papers from the database", secrets.token_hex(4)
                )
            else:
                self.last_round = self._clock.now()
            await self._wakeup.wait(LONGEST_SLEEP)
