"""Votes cast by reaction while nobody listened."""

import asyncio
import logging
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from aiolimiter import AsyncLimiter
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack import inbound
from adapters.slack.calling import Clients, delivering
from adapters.slack.conversation import Quiet
from adapters.slack.people import People
from adapters.slack.reactions import vote_of
from bot.core import Bot
from bot.errors import DeliveryError, Lost, Refused
from bot.events import MessageDeleted, ReactionsSnapshot
from bot.models import MessageRef, Origin, Platform, Reaction
from bot.ports import Clock

CALLS_A_MINUTE = 45
"""Of `reactions.get`, which is in Slack's tier 3 (50 a minute); some are left for others."""
_AT_ONCE = 20
FOUND_EVERY = 60.0
"""Seconds between two looks for posts that were found."""
_APART = timedelta(seconds=1)
"""What Slack's own clocks may differ by."""
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
        """Count the posts that were found, as far as Slack tells."""
        for origin, message in await self._bot.to_recount_found(Platform.SLACK, _AT_ONCE):
            if not await self._counted(origin, message):
                return

    async def _counted(self, origin: Origin, message: MessageRef) -> bool:
        """Recount one message; whether Slack told."""
        try:
            await self._count(origin, message)
        except DeliveryError as failure:
            _log.warning("The recount ends early: %s", failure)
            return False
        return True

    async def _count(self, origin: Origin, message: MessageRef) -> None:
        if not origin.person:
            origin = replace(origin, person=await self._clients.bot_user(origin.workspace))
        async with self._limiter:
            at = inbound.moment(message.message)
            known = await self._bot.heard_on(origin, message)
            client = await self._clients.reading(origin.workspace)
            began = asyncio.get_running_loop().time()
            try:
                async with delivering():
                    told = await client.reactions_get(
                        channel=message.channel, timestamp=message.message, full=True
                    )
                at = max(at, _asked_at(told, asyncio.get_running_loop().time() - began))
                votes = await self._votes(origin, told["message"])
            except Lost:
                votes = None
            except Refused:
                await self._bot.receive(MessageDeleted(origin=origin, message=message), Quiet())
                return
        await self._bot.receive(
            ReactionsSnapshot(origin=origin, message=message, votes=votes, at=at, known=known, timed=True),
            Quiet(),
        )

    async def _votes(self, origin: Origin, message: dict[str, Any]) -> tuple[tuple[str, Reaction], ...]:
        """Who votes how by reaction."""
        votes = [
            (person, vote)
            for reaction in message.get("reactions", ())
            if (vote := vote_of(reaction["name"])) is not None
            for person in reaction["users"]
        ]
        bots = {person for person, _ in votes if (await self._people.person(origin.workspace, person)).bot}
        return tuple(vote for vote in votes if vote[0] not in bots)


def _asked_at(answer: AsyncSlackResponse, seconds: float) -> datetime:
    """Give a time, by Slack's clock, that is not after a call which took so long began.

    Our own clock may be hours off, and reactions come with Slack's time: one that comes later with a time
    before this one is in the count already. Where Slack does not tell its time, that holds for none.
    """
    told = answer.headers.get("Date")
    if told is None:
        return datetime.fromtimestamp(0, UTC)
    return parsedate_to_datetime(told) - timedelta(seconds=seconds) - _APART
