"""Votes cast by reaction while nobody listened."""

import logging
from dataclasses import replace
from typing import Any

from aiolimiter import AsyncLimiter

from adapters.slack.calling import Clients, delivering
from adapters.slack.conversation import Quiet
from adapters.slack.people import People
from adapters.slack.reactions import vote_of
from bot.core import Bot
from bot.errors import DeliveryError, Lost, Refused
from bot.events import MessageDeleted, ReactionsSnapshot
from bot.models import MessageRef, Origin, Platform, Vote
from bot.ports import Clock

CALLS_A_MINUTE = 45
"""Of `reactions.get`, which is in Slack's tier 3 (50 a minute); some are left for others."""
_AT_ONCE = 20
_log = logging.getLogger(__name__)


class Recount:
    """Counts the reactions on the latest posts anew.

    How far it got is in the store, so one that is interrupted goes on with what it has not reached.
    """

    def __init__(self, bot: Bot, clients: Clients, people: People, clock: Clock) -> None:
        """Take the bot that is told, and who knows people from bots."""
        self._bot = bot
        self._clients = clients
        self._people = people
        self._clock = clock
        self._limiter = AsyncLimiter(CALLS_A_MINUTE)

    async def run(self) -> None:
        """Recount everything that may have changed before now."""
        before = self._clock.now()
        counted: set[tuple[Origin, MessageRef]] = set()
        while batch := await self._bot.to_recount(Platform.SLACK, before, _AT_ONCE):
            if not counted.isdisjoint(batch):
                _log.error("The recount ends early: what it counted was not kept")
                return
            for origin, message in batch:
                try:
                    await self._count(origin, message)
                except DeliveryError as failure:
                    _log.warning("The recount ends early: %s", failure)
                    return
            counted.update(batch)

    async def _count(self, origin: Origin, message: MessageRef) -> None:
        if not origin.person:
            origin = replace(origin, person=await self._clients.bot_user(origin.workspace))
        async with self._limiter:
            at = self._clock.now()
            client = await self._clients.reading(origin.workspace)
            try:
                async with delivering():
                    told = await client.reactions_get(
                        channel=message.channel, timestamp=message.message, full=True
                    )
                votes = await self._votes(origin, told["message"])
            except Lost:
                votes = None
            except Refused:
                await self._bot.receive(MessageDeleted(origin=origin, message=message), Quiet())
                return
        await self._bot.receive(
            ReactionsSnapshot(origin=origin, message=message, votes=votes, at=at), Quiet()
        )

    async def _votes(self, origin: Origin, message: dict[str, Any]) -> tuple[tuple[str, Vote], ...]:
        """Who votes how by reaction."""
        votes = [
            (person, value)
            for reaction in message.get("reactions", ())
            if (value := vote_of(reaction["name"])) is not None
            for person in reaction["users"]
        ]
        bots = {person for person, _ in votes if (await self._people.person(origin.workspace, person)).bot}
        return tuple(vote for vote in votes if vote[0] not in bots)
