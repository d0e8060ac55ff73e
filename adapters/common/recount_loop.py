"""Counting reactions again where votes may have been missed. Each platform says how to count one message."""

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
"""Seconds between two checks for posts whose delivery was confirmed late."""
_BATCH_SIZE = 20
_log = logging.getLogger(__name__)


class RecountLoop(ABC):
    """Counts the reactions on recent posts again.

    The store keeps how far it got, so an interrupted recount continues with the messages that are left.
    """

    def __init__(self, bot: Bot, platform: Platform, clock: Clock) -> None:
        self._bot = bot
        self._platform = platform
        self._clock = clock

    @abstractmethod
    async def count_one(self, origin: Origin, message: MessageRef) -> None:
        """Read one message's reactions and pass them to the bot.

        Raises:
            DeliveryError: the platform does not answer now.

        """

    async def run(self) -> None:
        """Recount every message that may have changed before now; stop where the platform fails."""
        before = self._clock.now()
        counted: set[tuple[Origin, MessageRef]] = set()
        while batch := await self._bot.messages_to_recount(self._platform, before, _BATCH_SIZE):
            # A message that comes up twice was not stored as counted: without this the loop would never end.
            if not counted.isdisjoint(batch):
                _log.error("Recount stopped: a message that was counted came up again")
                return
            for origin, message in batch:
                if not await self._counted(origin, message):
                    return
            counted.update(batch)

    async def watch(self) -> None:
        """Recount posts that were found late, once a minute, until cancelled.

        The bot did not know these posts when people voted on them, so it ignored those votes.
        """
        while True:
            try:
                await self.count_found()
            except Exception:  # noqa: BLE001 - the edge: whatever one round fails of, the next is tried
                _log.exception("Reference %s: recounting posts found late failed", secrets.token_hex(4))
            await asyncio.sleep(FOUND_EVERY)

    async def count_found(self) -> None:
        """Recount one batch of posts that were found late; stop where the platform fails."""
        for origin, message in await self._bot.recovered_messages_to_recount(self._platform, _BATCH_SIZE):
            if not await self._counted(origin, message):
                return

    async def _counted(self, origin: Origin, message: MessageRef) -> bool:
        """Recount one message. Returns False where the platform does not answer."""
        try:
            await self.count_one(origin, message)
        except DeliveryError as failure:
            _log.warning("Recount stopped: %s", failure)
            return False
        return True
