"""Votes cast by reaction while nobody listened."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.common.recounting import Recounting
from adapters.slack import SLACK
from adapters.slack.inbound import events as inbound
from adapters.slack.inbound.people import People
from adapters.slack.inbound.reactions import vote_of
from adapters.slack.outbound.client import Clients, delivering
from adapters.slack.outbound.conversation import NullConversation
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable, PermanentFailure
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction
from bot.ports.clock import Clock
from bot.protocol.events import MessageDeleted, ReactionsSnapshot

_APART = timedelta(seconds=1)
"""What Slack's own clocks may differ by."""


class Recount(Recounting):
    """Counts reactions as Slack tells of them."""

    def __init__(self, bot: Bot, clients: Clients, people: People, clock: Clock) -> None:
        """Take the bot that is told, and who knows people from bots."""
        super().__init__(bot, SLACK, clock)
        self._clients = clients
        self._people = people

    async def count_one(self, origin: Origin, message: MessageRef) -> None:
        """Recount one message."""
        if not origin.person:
            origin = replace(origin, person=await self._clients.bot_user(origin.workspace))
        await self._clients.may_call(origin.workspace, "reactions.get")
        at = inbound.moment(message.message)
        known = await self._bot.known_reactions(origin, message)
        client = await self._clients.reading(origin.workspace)
        began = asyncio.get_running_loop().time()
        try:
            async with delivering():
                told = await client.reactions_get(
                    channel=message.channel, timestamp=message.message, full=True
                )
            at = max(at, _asked_at(told, asyncio.get_running_loop().time() - began))
            votes = await self._votes(origin, told["message"])
        except ChannelUnavailable:
            votes = None
        except PermanentFailure:
            await self._bot.receive(MessageDeleted(origin=origin, message=message), NullConversation())
            return
        await self._bot.receive(
            ReactionsSnapshot(origin=origin, message=message, votes=votes, at=at, known=known, timed=True),
            NullConversation(),
        )

    async def _votes(self, origin: Origin, message: dict[str, Any]) -> tuple[tuple[str, Reaction], ...]:
        """Who votes how by reaction."""
        votes = [
            (person, vote)
            for reaction in message.get("reactions") or ()
            if (vote := vote_of(reaction["name"])) is not None
            for person in reaction.get("users") or ()
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
