"""Votes cast by reaction while nobody listened."""

import asyncio
import logging
import secrets
from dataclasses import replace
from typing import Any

from aiolimiter import AsyncLimiter

from adapters.discord.calling import UNKNOWN_CHANNEL, Rest, code_of
from adapters.discord.conversation import Quiet
from adapters.discord.limits import HISTORY_PAGE
from adapters.discord.reactions import vote_of
from adapters.discord.turns import Turns
from bot.core import Bot
from bot.errors import DeliveryError, Lost, Refused
from bot.events import MessageDeleted, ReactionsSnapshot
from bot.models import MessageRef, Origin, Platform, Reaction
from bot.ports import Clock

MESSAGES_A_SECOND = 10
"""Each takes a call, and one more an emoji that means a vote; Discord takes 50 a second of everything."""
_AT_ONCE = 20
FOUND_EVERY = 60.0
"""Seconds between two looks for posts that were found."""
_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"
_log = logging.getLogger(__name__)


class Recount:
    """Counts the reactions on the latest posts anew.

    How far it got is in the store, so one that is interrupted goes on with what it has not reached.
    """

    def __init__(self, bot: Bot, rest: Rest, turns: Turns, clock: Clock) -> None:
        """Take the bot that is told, and the turns in which events about one message are taken."""
        self._bot = bot
        self._rest = rest
        self._turns = turns
        self._clock = clock
        self._limiter = AsyncLimiter(MESSAGES_A_SECOND, 1)

    async def run(self) -> None:
        """Recount everything that may have changed before now."""
        before = self._clock.now()
        counted: set[tuple[Origin, MessageRef]] = set()
        while batch := await self._bot.to_recount(Platform.DISCORD, before, _AT_ONCE):
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
        """Count the posts that were found, as far as Discord tells."""
        for origin, message in await self._bot.to_recount_found(Platform.DISCORD, _AT_ONCE):
            if not await self._counted(origin, message):
                return

    async def _counted(self, origin: Origin, message: MessageRef) -> bool:
        """Recount one message in its turn; whether Discord told."""
        try:
            async with self._turns.on(message.message):
                await self.count(origin, message)
        except DeliveryError as failure:
            _log.warning("The recount ends early: %s", failure)
            return False
        return True

    async def count(self, origin: Origin, message: MessageRef) -> None:
        """Recount one message, whose turn is the caller's.

        Raises:
            DeliveryError: Discord does not tell for now.

        """
        if not origin.person:
            origin = replace(origin, person=await self._rest.bot_user())
        async with self._limiter:
            at, known = self._clock.now(), await self._bot.heard_on(origin, message)
            try:
                votes = await self._votes(message)
            except Lost as loss:
                if code_of(loss) == UNKNOWN_CHANNEL and message.thread is not None:
                    await self._gone(origin, message)
                    return
                votes = None
            except Refused:
                await self._gone(origin, message)
                return
        await self._bot.receive(
            ReactionsSnapshot(origin=origin, message=message, votes=votes, at=at, known=known), Quiet()
        )

    async def _gone(self, origin: Origin, message: MessageRef) -> None:
        await self._bot.receive(MessageDeleted(origin=origin, message=message), Quiet())

    async def _votes(self, message: MessageRef) -> tuple[tuple[str, Reaction], ...]:
        """Who votes how by reaction."""
        place = message.thread or message.channel
        told = await self._rest.call(
            "GET",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=place,
            message_id=message.message,
        )
        votes = []
        for reaction in told.get("reactions", ()):
            emoji = reaction["emoji"].get("name") or ""
            if (vote := vote_of(emoji)) is not None:
                people = await self._people(place, message.message, emoji)
                votes += [(person["id"], vote) for person in people if not person.get("bot")]
        return tuple(votes)

    async def _people(self, place: str, message: str, emoji: str) -> list[dict[str, Any]]:
        """Who reacted with an emoji."""
        people: list[dict[str, Any]] = []
        while True:
            after = {"after": people[-1]["id"]} if people else {}
            page = await self._rest.call(
                "GET",
                _REACTIONS,
                query={"limit": HISTORY_PAGE, **after},
                channel_id=place,
                message_id=message,
                emoji=emoji,
            )
            people += page
            if len(page) < HISTORY_PAGE:
                return people
