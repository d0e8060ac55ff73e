"""What people write and how they react → the bot."""

from adapters.discord.inbound import events as inbound
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.gateway import Gateway
from adapters.discord.inbound.location_resolver import NO_TEAM, LocationResolver
from adapters.discord.inbound.ordering import Turns
from adapters.discord.inbound.recount import Recount
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.conversation import (
    DiscordContext,
    LinkConversation,
    MessageConversation,
    NullConversation,
    notify,
)
from bot.conversation.dispatcher import Bot
from bot.ports.clock import Clock
from bot.protocol.events import CommandInvoked, Event, Invited


class MessageHandler:
    """Passes on to the bot what is said, changed, deleted and reacted to."""

    def __init__(
        self,
        bot: Bot,
        desk: DiscordContext,
        where: LocationResolver,
        *,
        gateway: Gateway,
        recount: Recount,
        turns: Turns,
        clock: Clock,
    ) -> None:
        """Take the bot to pass events on to, and the turns in which the recount counts, too."""
        self._bot = bot
        self._desk = desk
        self._where = where
        self._gateway = gateway
        self._recount = recount
        self._turns = turns
        self._clock = clock

    async def said(self, told: Payload) -> None:
        """Take in a message that somebody wrote."""
        author = told["author"]
        bot_user = await self._desk.rest.bot_user()
        if author["id"] == bot_user or (spot := await self._where.spot(told, author["id"])) is None:
            return
        admin = self._gateway.administers(spot.workspace, author, told.get("member", {}))
        event = inbound.spoken(told, spot, bot_user, admin=admin)
        kind = MessageConversation if isinstance(event, CommandInvoked) else LinkConversation
        conversation = kind(self._desk, spot, author["id"], told["id"])
        if event is None:
            return
        if spot.workspace:
            await self._bot.receive(event, conversation)
        else:
            await notify(conversation, NO_TEAM)

    async def edited(self, told: Payload) -> None:
        """Take in that somebody changed a message, where the app may read it."""
        author = told.get("author", {}).get("id", "")
        if self._desk.reads and (spot := await self._known(told, author)) is not None:
            await self._pass_on(inbound.edited(told, spot))

    async def deleted(self, told: Payload, *messages: str) -> None:
        """Take in that messages of one channel are gone."""
        if (spot := await self._known(told)) is not None:
            for message in messages:
                await self._pass_on(inbound.deleted(message, spot, await self._desk.rest.bot_user()))

    async def reacted(self, told: Payload, *, added: bool) -> None:
        """Take in a reaction."""
        at = self._clock.now()
        async with self._turns.on(told["message_id"]):
            if (spot := await self._known(told, told["user_id"])) is not None:
                bot_user = await self._desk.rest.bot_user()
                await self._pass_on(inbound.reacted(told, spot, bot_user, added=added, at=at))

    async def cleared(self, told: Payload) -> None:
        """Take in that all reactions were taken off a message."""
        at = self._clock.now()
        async with self._turns.on(told["message_id"]):
            if (spot := await self._known(told)) is not None:
                await self._pass_on(inbound.cleared(told, spot, await self._desk.rest.bot_user(), at))

    async def cleared_of(self, told: Payload) -> None:
        """Take in that all reactions with one emoji were taken off: others may mean the same vote."""
        async with self._turns.on(told["message_id"]):
            if (spot := await self._known(told)) is not None:
                origin = inbound.nobodys(spot, await self._desk.rest.bot_user())
                await self._recount.count(origin, spot.message(told["message_id"]))

    async def post_deleted(self, told: Payload) -> None:
        """Take in that a thread is gone: in a forum, a message as well."""
        forum = await self._desk.places.place(told["parent_id"])
        if forum.forum:
            await self._pass_on(inbound.post_gone(told, forum, await self._desk.rest.bot_user()))

    async def invited(self, guild: str) -> None:
        """Greet a guild that has let the bot in."""
        room = self._gateway.front_room(guild)
        if room is not None:
            spot = await self._desk.places.spot(room, guild)
            bot_user = await self._desk.rest.bot_user()
            conversation = MessageConversation(self._desk, spot, bot_user, "")
            await self._bot.receive(Invited(origin=inbound.nobodys(spot, bot_user)), conversation)

    async def _known(self, told: Payload, person: str = "") -> Location | None:
        """Say where it happened; None where that is nowhere that the bot has to do with."""
        spot = await self._where.spot(told, person)
        return spot if spot is not None and spot.workspace else None

    async def _pass_on(self, event: Event | None) -> None:
        if event is not None:
            await self._bot.receive(event, NullConversation())
