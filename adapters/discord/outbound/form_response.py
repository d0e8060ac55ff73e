"""Answers to forms that were sent, and to options that somebody types into."""

import logging
from collections.abc import Collection
from dataclasses import replace

from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.client import INTERACTION_OVER, code_of
from adapters.discord.outbound.conversation import DiscordContext, NullConversation
from adapters.discord.outbound.interaction import Handle
from adapters.discord.outbound.interaction_response import Answer, InteractionConversation, new_key
from adapters.discord.render.modals import Page, choices, going_on
from bot.commands import COMMANDS
from bot.domain.errors import PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Form, Notice, Reply, Subscribed, Suggestions, Tone

_log = logging.getLogger(__name__)


class FormConversation(InteractionConversation):
    """A form that was sent. What is wrong with it comes back with a button that opens it as it was."""

    def __init__(
        self, desk: DiscordContext, handle: Handle, spot: Location, page: Page, sent: Collection[str]
    ) -> None:
        """Say which part of a form was sent, with which fields."""
        super().__init__(desk, handle, spot, private=is_private(page.opens.command), alone=page.at_home)
        self._page = page
        self._fields = sent

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer; where a part of the form is left, say how to go on."""
        answer = await super().reply(reply, private=private)
        failed = isinstance(reply, Form) or (isinstance(reply, Notice) and reply.tone is Tone.ERROR)
        if self._page.left and not failed:
            opens = self._page.opens
            if isinstance(reply, Subscribed):
                opens = replace(opens, subject=reply.subscription.id)
            await self.say(going_on(replace(self._page, opens=opens)), private=True)
        return answer

    async def _ask(self, form: Form) -> Ephemeral:
        """Say what is wrong with what was sent."""
        part = replace(form, fields=tuple(each for each in form.fields if each.name in self._fields))
        await self.say(self._desk.draw_refused(part, self._page, new_key()), private=True)
        return Ephemeral()


class SuggestionsConversation(NullConversation):
    """An option whose values are suggested while somebody types."""

    def __init__(self, desk: DiscordContext, handle: Handle, *, whole: bool) -> None:
        """Say whether the option takes whole numbers."""
        self._desk = desk
        self._handle = handle
        self._whole = whole

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Give what is suggested."""
        if not isinstance(reply, Suggestions):
            return await super().reply(reply, private=private)
        data = {"choices": choices(reply, whole=self._whole)}
        try:
            await self._desk.rest.respond(self._handle.id, self._handle.token, Answer.CHOICES, data)
        except PermanentFailure as refusal:
            if code_of(refusal) not in INTERACTION_OVER:
                raise
            _log.info("Somebody typed on before anything was suggested")
        return Ephemeral()


def is_private(command: str) -> bool:
    """Whether a command answers only the person who asks."""
    return any(each.private for each in COMMANDS if each.name == command)
