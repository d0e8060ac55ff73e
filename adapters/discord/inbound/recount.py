"""Votes cast by reaction while nobody listened."""

from dataclasses import replace
from typing import Any

from adapters.common.recounting import Recounting
from adapters.discord import DISCORD
from adapters.discord.inbound.ordering import Turns
from adapters.discord.inbound.reactions import vote_of
from adapters.discord.limits import HISTORY_PAGE
from adapters.discord.outbound.client import UNKNOWN_CHANNEL, Rest, code_of
from adapters.discord.outbound.conversation import NullConversation
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable, PermanentFailure
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction
from bot.ports.clock import Clock
from bot.protocol.events import MessageDeleted, ReactionsSnapshot

_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"


class Recount(Recounting):
    """Counts reactions as Discord tells of them."""

    def __init__(self, bot: Bot, rest: Rest, turns: Turns, clock: Clock) -> None:
        """Take the bot that is told, and the turns in which events about one message are taken."""
        super().__init__(bot, DISCORD, clock)
        self._rest = rest
        self._turns = turns

    async def count_one(self, origin: Origin, message: MessageRef) -> None:
        """Recount one message in its turn."""
        async with self._turns.on(message.message):
            await self.count(origin, message)

    async def count(self, origin: Origin, message: MessageRef) -> None:
        """Recount one message, whose turn is the caller's.

        Raises:
            DeliveryError: Discord does not tell for now.

        """
        if not origin.person:
            origin = replace(origin, person=await self._rest.bot_user())
        await self._rest.pacing.counting()
        at, known = self._clock.now(), await self._bot.known_reactions(origin, message)
        try:
            votes = await self._votes(message)
        except ChannelUnavailable as loss:
            if code_of(loss) == UNKNOWN_CHANNEL and message.thread is not None:
                await self._gone(origin, message)
                return
            votes = None
        except PermanentFailure:
            await self._gone(origin, message)
            return
        await self._bot.receive(
            ReactionsSnapshot(origin=origin, message=message, votes=votes, at=at, known=known),
            NullConversation(),
        )

    async def _gone(self, origin: Origin, message: MessageRef) -> None:
        await self._bot.receive(MessageDeleted(origin=origin, message=message), NullConversation())

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
