"""Which messages are counted anew and when, wherever they are; how, each platform knows."""

import asyncio
import logging
import secrets
from abc import ABC, abstractmethod

from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin, Platform
from bot.domain.errors import DeliveryError
from bot.domain.message import MessageRef
from bot.ports.clock import Clock

FOUND_EVERY = 60.0
"""Seconds between two looks for posts that were found."""
_AT_ONCE = 20
_log = logging.getLogger(__name__)


class Recounting(ABC):
    """Counts the reactions on the latest posts anew.

    How far it got is in the store, so one that is interrupted goes on with what it has not reached.
    """

    def __init__(self, bot: Bot, platform: Platform, clock: Clock) -> None:
        """Take the bot that is told, and whose messages are counted."""
        self._bot = bot
        self._platform = platform
        self._clock = clock

    @abstractmethod
    async def count_one(self, origin: Origin, message: MessageRef) -> None:
        """Count one message and tell the bot.

        Raises:
            DeliveryError: the platform does not tell for now.

        """

    async def run(self) -> None:
        """Recount everything that may have changed before now."""
        before = self._clock.now()
        counted: set[tuple[Origin, MessageRef]] = set()
        while batch := await self._bot.to_recount(self._platform, before, _AT_ONCE):
            if not counted.isdisjoint(batch):
                _log.error("The recount ends early: what it counted was not kept")
                return
            for origin, message in batch:
                if not await self._counted(origin, message):
                    return
            counted.update(batch)

    async def watch(self) -> None:
        """Every minute, count posts that were found after they had been in doubt.

        Nobody knew what they were when people voted on them.
        """
        while True:
            try:
                await self.count_found()
            except Exception:  # noqa: BLE001 - the edge: whatever a round fails of, the next is tried
                _log.exception("Reference %s: found posts were not counted", secrets.token_hex(4))
            await asyncio.sleep(FOUND_EVERY)

    async def count_found(self) -> None:
        """Count the posts that were found, as far as the platform tells."""
        for origin, message in await self._bot.to_recount_found(self._platform, _AT_ONCE):
            if not await self._counted(origin, message):
                return

    async def _counted(self, origin: Origin, message: MessageRef) -> bool:
        """Recount one message; whether the platform told."""
        try:
            await self.count_one(origin, message)
        except DeliveryError as failure:
            _log.warning("The recount ends early: %s", failure)
            return False
        return True
