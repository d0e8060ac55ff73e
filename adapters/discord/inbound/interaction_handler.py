"""What people do with commands, buttons and forms → the bot."""

import asyncio
import logging
from dataclasses import replace

from adapters.discord.inbound import interactions
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.interactions import Pressed
from adapters.discord.inbound.location_resolver import NO_PLACE, NO_TEAM, LocationResolver
from adapters.discord.outbound.channels import Location, read
from adapters.discord.outbound.conversation import DiscordContext, notify
from adapters.discord.outbound.form_response import FormConversation, SuggestionsConversation, is_private
from adapters.discord.outbound.interaction import Handle, Kind
from adapters.discord.outbound.interaction_response import InteractionConversation
from adapters.discord.render import commands
from adapters.discord.render.modals import KEEP, question
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.errors import DeliveryError, UserError
from bot.protocol.actions import EndSubscription, from_token
from bot.protocol.events import ActionPressed, Event, HomeOpened
from bot.protocol.replies import Notice, Tone

DEFER_SECONDS = 1.5
"""Discord waits 3 seconds for a first answer; one that takes longer than this is announced."""

_log = logging.getLogger(__name__)


class InteractionHandler:
    """Passes interactions on to the bot, each with where its answers go."""

    def __init__(self, bot: Bot, desk: DiscordContext, where: LocationResolver) -> None:
        """Take the bot to pass events on to."""
        self._bot = bot
        self._desk = desk
        self._where = where

    async def begun(self, told: Payload) -> None:
        """Take in an interaction."""
        person = (told.get("member") or told)["user"]["id"]
        self._desk.places.learn(told["channel"], told.get("guild_id") or "")
        spot = await self._where.spot(told, person)
        trouble = NO_PLACE if spot is None else None if spot.workspace else NO_TEAM
        if spot is None:
            spot = Location(told.get("guild_id") or "", read(told["channel"]))
        handle = interactions.handle(told, spot)
        if trouble is None:
            trouble = await self._tried(told, handle, spot)
        if trouble is not None and handle.kind is not Kind.TYPING:
            await notify(self._conversation(handle, spot), trouble)

    async def _tried(self, told: Payload, handle: Handle, spot: Location) -> Notice | None:
        """Deal with an interaction; give what to say where that fails before the bot has it."""
        try:
            await self._deal_with(told, handle, spot)
        except UserError as error:
            return Notice(str(error), Tone.ERROR)
        except DeliveryError as failure:
            _log.warning("An interaction was not dealt with: %s", failure)
            return Notice(f"That did not work: {failure}", Tone.ERROR, "Please try again in a moment.")
        return None

    async def _deal_with(self, told: Payload, handle: Handle, spot: Location) -> None:
        match handle.kind:
            case Kind.TYPING:
                await self._suggest(told, handle, spot)
            case Kind.FORM:
                await self._submit(told, handle, spot)
            case Kind.COMPONENT:
                await self._press(interactions.pressed(told, spot), handle, spot)
            case Kind.COMMAND if told["data"]["type"] == commands.MENU:
                await self._answer(interactions.chosen(told, spot), self._conversation(handle, spot))
            case Kind.COMMAND:
                await self._command(told, handle, spot)

    def _conversation(self, handle: Handle, spot: Location) -> InteractionConversation:
        return InteractionConversation(self._desk, handle, spot, private=True)

    async def _command(self, told: Payload, handle: Handle, spot: Location) -> None:
        name, _ = interactions.subcommand(told)
        if name == commands.HOME:
            origin = await self._own(interactions.origin(told, spot), spot)
            await self._answer(HomeOpened(origin=origin), self._conversation(handle, spot))
            return
        conversation = InteractionConversation(self._desk, handle, spot, private=is_private(name))
        await self._answer(interactions.command(told, spot), conversation)

    async def _suggest(self, told: Payload, handle: Handle, spot: Location) -> None:
        wanted = interactions.wanted(told, spot)
        if wanted is not None:
            event, whole = wanted
            await self._bot.receive(event, SuggestionsConversation(self._desk, handle, whole=whole))

    async def _submit(self, told: Payload, handle: Handle, spot: Location) -> None:
        event, page = interactions.submitted(told, spot)
        if page.at_home:
            event = replace(event, origin=await self._own(event.origin, spot))
        await self._answer(event, FormConversation(self._desk, handle, spot, page, event.values))

    async def _press(self, pressed: Pressed, handle: Handle, spot: Location) -> None:
        conversation = InteractionConversation(
            self._desk, handle, spot, private=True, alone=pressed.alone, left=pressed.left
        )
        if pressed.token == KEEP:
            await conversation.dismiss()
            return
        if (kept := self._desk.forms.get(pressed.kept)) is not None:
            await conversation.open_kept(*kept)
            return
        action = from_token(pressed.token)
        if pressed.asks and isinstance(action, EndSubscription):
            await conversation.say(question(action), private=True)
            return
        if pressed.answers:
            await conversation.dismiss()
        origin = await self._own(pressed.origin, spot) if pressed.at_home else pressed.origin
        event = ActionPressed(origin=origin, action=action, event_id=pressed.event_id)
        await self._answer(event, conversation)

    async def _own(self, origin: Origin, spot: Location) -> Origin:
        return interactions.at_home(origin, await self._where.own(spot, origin.person))

    async def _answer(self, event: Event, conversation: InteractionConversation) -> None:
        """Pass an event on; an answer that takes long is announced in time."""
        announcing = asyncio.create_task(_announce(conversation))
        try:
            await self._bot.receive(event, conversation)
        finally:
            conversation.answered.set()
            await announcing
            await conversation.close()


async def _announce(conversation: InteractionConversation) -> None:
    """Announce an answer in time, unless it was given."""
    try:
        async with asyncio.timeout(DEFER_SECONDS):
            await conversation.answered.wait()
    except TimeoutError:
        await conversation.announce()
