"""Replies to submitted modals and to autocomplete."""

import logging
from collections.abc import Collection
from dataclasses import replace

from discord import InteractionResponseType

from adapters.common.conversation import NullConversation
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.client import INTERACTION_EXPIRED, code_of
from adapters.discord.outbound.conversation import DiscordContext
from adapters.discord.outbound.interaction import Interaction
from adapters.discord.outbound.interaction_response import InteractionConversation, new_form_key
from adapters.discord.render.modals import FormPage, autocomplete_choices, more_options
from bot.commands import COMMANDS
from bot.domain.errors import PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Form, Notice, Reply, Subscribed, Suggestions, Tone

_log = logging.getLogger(__name__)


class FormConversation(InteractionConversation):
    """Replies to a submitted modal.

    Discord opens no modal in response to a modal. So a form with errors comes back as a message with a button
    that opens it again, with its values:
    https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type.
    """

    def __init__(
        self,
        context: DiscordContext,
        interaction: Interaction,
        location: Location,
        page: FormPage,
        submitted: Collection[str],
    ) -> None:
        """`submitted` are the names of the fields that the modal had."""
        super().__init__(
            context, interaction, location, private=is_private(page.opens.command), ephemeral=page.for_dm
        )
        self._page = page
        self._submitted = submitted

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Send a reply, and after a success the button for the form's remaining fields."""
        answer = await super().reply(reply, private=private)
        failed = isinstance(reply, Form) or (isinstance(reply, Notice) and reply.tone is Tone.ERROR)
        if self._page.fields_left and not failed:
            opens = self._page.opens
            if isinstance(reply, Subscribed):
                # The subscription exists by now, so the remaining fields change it.
                opens = replace(opens, subject=reply.subscription.id)
            await self.send(more_options(replace(self._page, opens=opens)), private=True)
        return answer

    async def _open_form(self, form: Form) -> Ephemeral:
        """Show what is wrong with the submitted fields, and the button that opens them again."""
        part = replace(form, fields=tuple(each for each in form.fields if each.name in self._submitted))
        await self.send(self._context.render_form(part, self._page, new_form_key()), private=True)
        return Ephemeral()


class SuggestionsConversation(NullConversation):
    """Replies to autocomplete, while somebody types the value of an option."""

    def __init__(self, context: DiscordContext, interaction: Interaction, *, integer: bool) -> None:
        """`integer` says that the option's values are integers."""
        super().__init__()
        self._context = context
        self._interaction = interaction
        self._integer = integer

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Send suggestions; nothing else can be shown here."""
        if not isinstance(reply, Suggestions):
            return await super().reply(reply, private=private)
        data = {"choices": autocomplete_choices(reply, integer=self._integer)}
        interaction = self._interaction
        try:
            await self._context.rest.respond(
                interaction.id, interaction.token, InteractionResponseType.autocomplete_result.value, data
            )
        except PermanentFailure as refusal:
            # Discord drops the older interaction once the person types on.
            if code_of(refusal) not in INTERACTION_EXPIRED:
                raise
            _log.info("Suggestions came too late: the person typed on")
        return Ephemeral()


def is_private(command: str) -> bool:
    """Whether only the person who uses a command sees its replies."""
    return any(each.private for each in COMMANDS if each.name == command)
