"""Messages, reactions and threads, from the gateway to the bot."""

from adapters.common.conversation import NullConversation
from adapters.discord.inbound import events
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import Gateway
from adapters.discord.inbound.location_resolver import NO_TEAM, LocationResolver
from adapters.discord.inbound.ordering import MessageLocks
from adapters.discord.inbound.recount import Recount
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.conversation import (
    DiscordContext,
    LinkConversation,
    MessageConversation,
    notify,
)
from bot.conversation.dispatcher import Bot
from bot.ports.clock import Clock
from bot.protocol.events import CommandInvoked, Event, Invited


class MessageHandler:
    """Turns the gateway's events about messages into the bot's, one method per kind.

    Each method may raise a DeliveryError if Discord does not answer a question that the event leaves open.
    """

    def __init__(
        self,
        bot: Bot,
        context: DiscordContext,
        resolver: LocationResolver,
        *,
        gateway: Gateway,
        recount: Recount,
        locks: MessageLocks,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._context = context
        self._resolver = resolver
        self._gateway = gateway
        self._recount = recount
        self._locks = locks
        self._clock = clock

    async def created(self, payload: Payload) -> None:
        """Handle a new message."""
        author = payload["author"]
        bot_user = await self._context.rest.bot_user()
        if author["id"] == bot_user:
            return
        location = await self._resolver.locate(payload, author["id"])
        if location is None:
            return
        admin = self._gateway.is_admin(location.workspace, author, payload.get("member", {}))
        event = events.message_created(payload, location, bot_user, admin=admin)
        kind = MessageConversation if isinstance(event, CommandInvoked) else LinkConversation
        conversation = kind(self._context, location, author["id"], payload["id"])
        if event is None:
            return
        if location.workspace:
            await self._bot.receive(event, conversation)
        else:
            await notify(conversation, NO_TEAM)

    async def edited(self, payload: Payload) -> None:
        """Handle an edited message, if the app may read messages."""
        author = payload.get("author", {}).get("id", "")
        # Without the intent for message content every edit comes with empty content.
        if not self._context.reads_messages:
            return
        location = await self._locate(payload, author)
        if location is not None:
            await self._receive(events.message_edited(payload, location))

    async def deleted(self, payload: Payload, *messages: str) -> None:
        """Handle the deletion of messages of one channel."""
        location = await self._locate(payload)
        if location is None:
            return
        for message in messages:
            bot_user = await self._context.rest.bot_user()
            await self._receive(events.message_deleted(message, location, bot_user))

    async def reacted(self, payload: Payload, *, added: bool) -> None:
        """Handle a reaction that was added or removed."""
        at = self._clock.now()
        async with self._locks.of(payload["message_id"]):
            location = await self._locate(payload, payload["user_id"])
            if location is not None:
                bot_user = await self._context.rest.bot_user()
                await self._receive(events.reaction_changed(payload, location, bot_user, added=added, at=at))

    async def reactions_cleared(self, payload: Payload) -> None:
        """Handle the removal of all reactions from a message."""
        at = self._clock.now()
        async with self._locks.of(payload["message_id"]):
            location = await self._locate(payload)
            if location is not None:
                bot_user = await self._context.rest.bot_user()
                await self._receive(events.reactions_cleared(payload, location, bot_user, at))

    async def emoji_cleared(self, payload: Payload) -> None:
        """Handle the removal of all reactions with one emoji from a message.

        The message is recounted, because people may have cast the same vote with another skin tone.
        """
        async with self._locks.of(payload["message_id"]):
            location = await self._locate(payload)
            if location is not None:
                origin = events.anonymous_origin(location, await self._context.rest.bot_user())
                await self._recount.count(origin, location.message(payload["message_id"]))

    async def thread_deleted(self, payload: Payload) -> None:
        """Handle a deleted thread: with a forum's post its first message is gone, too."""
        parent = await self._context.channels.get(payload["parent_id"])
        if parent.is_forum:
            bot_user = await self._context.rest.bot_user()
            await self._receive(events.forum_post_deleted(payload, parent, bot_user))

    async def invited(self, guild: str) -> None:
        """Send a welcome to a guild that the bot has joined."""
        channel_id = self._gateway.welcome_channel(guild)
        if channel_id is not None:
            location = await self._context.channels.locate(channel_id, guild)
            bot_user = await self._context.rest.bot_user()
            conversation = MessageConversation(self._context, location, bot_user, "")
            await self._bot.receive(Invited(origin=events.anonymous_origin(location, bot_user)), conversation)

    async def _locate(self, payload: Payload, person: str = "") -> Location | None:
        """Return where an event happened; None if that or its workspace is unknown."""
        location = await self._resolver.locate(payload, person)
        return location if location is not None and location.workspace else None

    async def _receive(self, event: Event | None) -> None:
        if event is not None:
            await self._bot.receive(event, NullConversation())
