"""Recounts reactions, for votes that were cast while the bot was not connected."""

from dataclasses import replace
from typing import Any

from adapters.common.conversation import NullConversation
from adapters.common.recount_loop import RecountLoop
from adapters.discord import DISCORD
from adapters.discord.inbound.ordering import MessageLocks
from adapters.discord.inbound.reactions import vote_of
from adapters.discord.limits import HISTORY_PAGE
from adapters.discord.outbound.client import UNKNOWN_CHANNEL, Rest, code_of
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable, PermanentFailure
from bot.domain.message import MessageRef
from bot.domain.vote import Reaction
from bot.ports.clock import Clock
from bot.protocol.events import MessageDeleted, ReactionsSnapshot

_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"


class Recount(RecountLoop):
    """Counts the reactions of a message through the REST API."""

    def __init__(self, bot: Bot, rest: Rest, locks: MessageLocks, clock: Clock) -> None:
        super().__init__(bot, DISCORD, clock)
        self._rest = rest
        self._locks = locks

    async def count_one(self, origin: Origin, message: MessageRef) -> None:
        """Recount one message, under its lock."""
        async with self._locks.of(message.message):
            await self.count(origin, message)

    async def count(self, origin: Origin, message: MessageRef) -> None:
        """Recount one message; the caller holds its lock.

        Raises:
            DeliveryError: Discord can't answer now.

        """
        if not origin.person:
            origin = replace(origin, person=await self._rest.bot_user())
        await self._rest.pacing.wait_to_recount()
        # Both are read before Discord is asked, so that a reaction during the calls counts as newer.
        at, known = self._clock.now(), await self._bot.known_reactions(origin, message)
        try:
            votes = await self._votes(message)
        except ChannelUnavailable as loss:
            if code_of(loss) == UNKNOWN_CHANNEL and message.thread is not None:
                await self._report_deleted(origin, message)
                return
            votes = None
        except PermanentFailure:
            await self._report_deleted(origin, message)
            return
        await self._bot.receive(
            ReactionsSnapshot(origin=origin, message=message, votes=votes, at=at, known=known),
            NullConversation(),
        )

    async def _report_deleted(self, origin: Origin, message: MessageRef) -> None:
        await self._bot.receive(MessageDeleted(origin=origin, message=message), NullConversation())

    async def _votes(self, message: MessageRef) -> tuple[tuple[str, Reaction], ...]:
        """Return each reaction that is a vote, with the id of the person who added it."""
        channel_id = message.thread or message.channel
        payload = await self._rest.call(
            "GET",
            "/channels/{channel_id}/messages/{message_id}",
            channel_id=channel_id,
            message_id=message.message,
        )
        votes = []
        for reaction in payload.get("reactions", ()):
            emoji = reaction["emoji"].get("name") or ""
            if (vote := vote_of(emoji)) is not None:
                users = await self._users(channel_id, message.message, emoji)
                votes += [(user["id"], vote) for user in users if not user.get("bot")]
        return tuple(votes)

    async def _users(self, channel_id: str, message: str, emoji: str) -> list[dict[str, Any]]:
        """Return all users who reacted with an emoji."""
        users: list[dict[str, Any]] = []
        while True:
            after = {"after": users[-1]["id"]} if users else {}
            page = await self._rest.call(
                "GET",
                _REACTIONS,
                query={"limit": HISTORY_PAGE, **after},
                channel_id=channel_id,
                message_id=message,
                emoji=emoji,
            )
            users += page
            if len(page) < HISTORY_PAGE:
                return users
