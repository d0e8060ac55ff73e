"""Commands, components and modals, from the gateway to the bot."""

import asyncio
import logging
from dataclasses import replace

from discord import InteractionType

from adapters.discord.inbound import interactions
from adapters.discord.inbound.events import Payload
from adapters.discord.inbound.interactions import ComponentAction
from adapters.discord.inbound.location_resolver import NO_LOCATION, NO_TEAM, LocationResolver
from adapters.discord.outbound.channels import Location, parse_channel
from adapters.discord.outbound.conversation import DiscordContext, notify
from adapters.discord.outbound.form_response import FormConversation, SuggestionsConversation, is_private
from adapters.discord.outbound.interaction import Interaction
from adapters.discord.outbound.interaction_response import InteractionConversation
from adapters.discord.render import commands
from adapters.discord.render.modals import KEEP, confirmation
from bot.conversation.dispatcher import Bot
from bot.domain.channel import Origin
from bot.domain.errors import DeliveryError, UserError
from bot.protocol.actions import EndSubscription, from_token
from bot.protocol.events import ActionPressed, Event, HomeOpened
from bot.protocol.replies import Notice, Tone

DEFER_SECONDS = 1.5
"""Seconds after which an answer is deferred. Discord drops an interaction without a response after 3:
https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback."""

_log = logging.getLogger(__name__)


class InteractionHandler:
    """Turns each interaction into an event of the bot, with the conversation that answers it."""

    def __init__(self, bot: Bot, context: DiscordContext, resolver: LocationResolver) -> None:
        self._bot = bot
        self._context = context
        self._resolver = resolver

    async def handle(self, payload: Payload) -> None:
        """Handle an interaction; the person reads about whatever keeps the bot from getting it."""
        person = (payload.get("member") or payload)["user"]["id"]
        self._context.channels.remember(payload["channel"], payload.get("guild_id") or "")
        location = await self._resolver.locate(payload, person)
        problem = NO_LOCATION if location is None else None if location.workspace else NO_TEAM
        if location is None:
            location = Location(payload.get("guild_id") or "", parse_channel(payload["channel"]))
        interaction = interactions.interaction(payload, location)
        if problem is None:
            problem = await self._try_dispatch(payload, interaction, location)
        # Autocomplete can show suggestions only, no notices.
        if problem is not None and interaction.kind is not InteractionType.autocomplete:
            await notify(self._conversation(interaction, location), problem)

    async def _try_dispatch(
        self, payload: Payload, interaction: Interaction, location: Location
    ) -> Notice | None:
        """Dispatch an interaction; return a notice if it failed before the bot got it."""
        try:
            await self._dispatch(payload, interaction, location)
        except UserError as error:
            return Notice(str(error), Tone.ERROR)
        except DeliveryError as failure:
            _log.warning("An interaction failed: %s", failure)
            return Notice(f"That did not work: {failure}", Tone.ERROR, "Please try again in a moment.")
        return None

    async def _dispatch(self, payload: Payload, interaction: Interaction, location: Location) -> None:
        match interaction.kind:
            case InteractionType.autocomplete:
                await self._autocomplete(payload, interaction, location)
            case InteractionType.modal_submit:
                await self._submit_modal(payload, interaction, location)
            case InteractionType.component:
                component = interactions.component_action(payload, location)
                await self._use_component(component, interaction, location)
            case InteractionType.application_command if payload["data"]["type"] == commands.MESSAGE_COMMAND:
                event = interactions.message_command(payload, location)
                await self._receive(event, self._conversation(interaction, location))
            case InteractionType.application_command:
                await self._slash_command(payload, interaction, location)

    def _conversation(self, interaction: Interaction, location: Location) -> InteractionConversation:
        return InteractionConversation(self._context, interaction, location, private=True)

    async def _slash_command(self, payload: Payload, interaction: Interaction, location: Location) -> None:
        name, _ = interactions.subcommand(payload)
        if name == commands.HOME:
            origin = await self._dm_origin(interactions.origin(payload, location), location)
            await self._receive(HomeOpened(origin=origin), self._conversation(interaction, location))
            return
        conversation = InteractionConversation(self._context, interaction, location, private=is_private(name))
        await self._receive(interactions.slash_command(payload, location), conversation)

    async def _autocomplete(self, payload: Payload, interaction: Interaction, location: Location) -> None:
        autocomplete = interactions.autocomplete(payload, location)
        if autocomplete is not None:
            event, integer = autocomplete
            conversation = SuggestionsConversation(self._context, interaction, integer=integer)
            await self._bot.receive(event, conversation)

    async def _submit_modal(self, payload: Payload, interaction: Interaction, location: Location) -> None:
        event, page = interactions.modal_submit(payload, location)
        if page.for_dm:
            event = replace(event, origin=await self._dm_origin(event.origin, location))
        conversation = FormConversation(self._context, interaction, location, page, event.values)
        await self._receive(event, conversation)

    async def _use_component(
        self, component: ComponentAction, interaction: Interaction, location: Location
    ) -> None:
        conversation = InteractionConversation(
            self._context,
            interaction,
            location,
            private=True,
            ephemeral=component.ephemeral,
            fields_left=component.fields_left,
        )
        if component.token == KEEP:
            await conversation.dismiss()
            return
        if (kept := self._context.forms.get(component.form_key)) is not None:
            await conversation.reopen_form(*kept)
            return
        action = from_token(component.token)
        if component.needs_confirmation and isinstance(action, EndSubscription):
            await conversation.send(confirmation(action), private=True)
            return
        if component.is_confirmation:
            await conversation.dismiss()
        origin = component.origin
        if component.for_dm:
            origin = await self._dm_origin(origin, location)
        event = ActionPressed(origin=origin, action=action, event_id=component.event_id)
        await self._receive(event, conversation)

    async def _dm_origin(self, origin: Origin, location: Location) -> Origin:
        return interactions.dm_origin(origin, await self._resolver.dm_location(location, origin.person))

    async def _receive(self, event: Event, conversation: InteractionConversation) -> None:
        """Pass an event to the bot, and defer the answer if it takes long."""
        deferring = asyncio.create_task(_defer_late_answer(conversation))
        try:
            await self._bot.receive(event, conversation)
        finally:
            conversation.answered.set()
            await deferring
            await conversation.close()


async def _defer_late_answer(conversation: InteractionConversation) -> None:
    """Defer the answer once DEFER_SECONDS have passed, unless it was sent before."""
    try:
        async with asyncio.timeout(DEFER_SECONDS):
            await conversation.answered.wait()
    except TimeoutError:
        await conversation.try_defer()
