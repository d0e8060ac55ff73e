"""Counting again: votes by reaction that were added or removed while the bot was not connected."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.common.conversation import NullConversation
from adapters.common.recount_loop import RecountLoop
from adapters.slack import SLACK
from adapters.slack.inbound.events import parse_ts
from adapters.slack.inbound.people import People
from adapters.slack.inbound.reactions import vote_of
from adapters.slack.outbound.client import Clients, delivery_errors
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable, PermanentFailure
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction
from bot.ports.clock import Clock
from bot.protocol.events import MessageDeleted, ReactionsSnapshot

_CLOCK_SKEW = timedelta(seconds=1)
"""How far apart the clocks of Slack's own servers may be."""


class Recount(RecountLoop):
    """Counts reactions with `reactions.get`."""

    def __init__(self, bot: Bot, clients: Clients, people: People, clock: Clock) -> None:
        super().__init__(bot, SLACK, clock)
        self._clients = clients
        self._people = people

    async def count_one(self, origin: Origin, message: MessageRef) -> None:
        """Pass the bot one message's votes, or that the message is deleted.

        Where the channel cannot be read, the snapshot has None as its votes.
        """
        if not origin.person:
            origin = replace(origin, person=await self._clients.bot_user(origin.workspace))
        await self._clients.wait_to_call(origin.workspace, "reactions.get")
        at = parse_ts(message.message)
        # Read before the call: what the bot hears during it must not pass for counted.
        known = await self._bot.known_reactions(origin, message)
        client = await self._clients.for_reading(origin.workspace)
        started = asyncio.get_running_loop().time()
        try:
            async with delivery_errors():
                response = await client.reactions_get(
                    channel=message.channel, timestamp=message.message, full=True
                )
            elapsed = asyncio.get_running_loop().time() - started
            at = max(at, _requested_at(response, elapsed))
            votes = await self._votes(origin, response["message"])
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
        """Return the people who vote by reaction, and how; bots are left out."""
        votes = [
            (person, vote)
            for reaction in message.get("reactions") or ()
            if (vote := vote_of(reaction["name"])) is not None
            for person in reaction.get("users") or ()
        ]
        bots = {person for person, _ in votes if (await self._people.profile(origin.workspace, person)).bot}
        return tuple(vote for vote in votes if vote[0] not in bots)


def _requested_at(response: AsyncSlackResponse, elapsed: float) -> datetime:
    """Return a time by Slack's clock that is not after the call of `elapsed` seconds began.

    Reactions carry Slack's time, and our clock may be hours off. A reaction event that arrives later with an
    earlier time is in the count already. Without a `Date` header no event may be taken for counted, so the
    time is 1970.
    """
    date = response.headers.get("Date")
    if date is None:
        return datetime.fromtimestamp(0, UTC)
    return parsedate_to_datetime(date) - timedelta(seconds=elapsed) - _CLOCK_SKEW
