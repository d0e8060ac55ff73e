"""Replies to an interaction: the initial response within three seconds, and follow-up messages.

https://docs.discord.com/developers/interactions/receiving-and-responding#responding-to-an-interaction.
"""

import asyncio
import logging
import secrets
from enum import Enum, auto
from typing import Any

from discord import InteractionResponseType as ResponseType
from discord import InteractionType

from adapters.common.conversation import NullConversation
from adapters.discord.manifest import missing_permissions
from adapters.discord.outbound.channels import Location
from adapters.discord.outbound.client import (
    ALREADY_ACKNOWLEDGED,
    INTERACTION_EXPIRED,
    UNKNOWN_MESSAGE,
    code_of,
    ignore_deleted_message,
)
from adapters.discord.outbound.conversation import DiscordContext, open_discussion_thread
from adapters.discord.outbound.interaction import Interaction
from adapters.discord.render.components import EPHEMERAL, Message
from adapters.discord.render.modals import FormPage, modal, next_page
from adapters.discord.render.text import permalink
from bot.domain.errors import DeliveryError, DeliveryUnknown, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Discussion, Form, Notice, Reply, SettingsCard, Subscribed, Tone

_log = logging.getLogger(__name__)


class State(Enum):
    """How far an interaction is answered."""

    NEW = auto()
    DEFERRED = auto()
    """The person sees “thinking …”. Whether the answer is ephemeral can't change any more."""
    ANSWERED = auto()


class InteractionConversation(NullConversation):
    """Replies to a command, a component or a modal.

    An immediate reply is the initial response, and may be ephemeral even if the command's answers are public.
    Discord fixes by `defer` who sees the answer. So an error of a public command, which only the person may
    see, deletes the deferred response and comes as a follow-up.
    """

    def __init__(
        self,
        context: DiscordContext,
        interaction: Interaction,
        location: Location,
        *,
        private: bool = False,
        ephemeral: bool = False,
        fields_left: int = 0,
    ) -> None:
        """Make one for an interaction.

        `private` makes a deferred response ephemeral, `ephemeral` every reply. `fields_left` is how many of
        a form's last fields are to be opened, 0 for all.
        """
        super().__init__()
        self._context = context
        self._interaction = interaction
        self._location = location
        self._private = private or ephemeral
        self._ephemeral = ephemeral
        self._fields_left = fields_left
        self._state = State.NEW
        self._unconfirmed: ResponseType | None = None
        self._sent_outside = 0
        # `defer` runs beside the command. Without the lock both could send the initial response.
        self._lock = asyncio.Lock()
        self.answered = asyncio.Event()
        """Set once the bot has no more to reply."""

    async def defer(self) -> None:
        """Defer the answer, unless there is an initial response already.

        Raises:
            DeliveryError: Discord did not take it.

        """
        async with self._lock:
            if self._state is not State.NEW:
                return
            if self._interaction.kind is InteractionType.component:
                # A deferred update shows nothing, so the next reply is a follow-up of its own.
                await self._respond(ResponseType.deferred_message_update)
                self._state = State.ANSWERED
            else:
                data = {"flags": EPHEMERAL} if self._is_ephemeral(self._private) else {}
                await self._respond(ResponseType.deferred_channel_message, data)
                self._state = State.DEFERRED

    async def working(self, text: str) -> None:  # noqa: ARG002 - Discord's “thinking …” has no text
        """Show that the answer takes a while."""
        await self.try_defer()

    async def try_defer(self) -> None:
        """Defer the answer; a failure is only logged, because the answer itself may still arrive."""
        try:
            await self.defer()
        except DeliveryError as failure:
            _log.warning("An interaction could not be deferred: %s", failure)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Send a reply, in several messages if one can't hold it; return the first one's reference."""
        if isinstance(reply, Form):
            return await self._open_form(reply)
        from_component = self._interaction.kind is InteractionType.component
        if isinstance(reply, Discussion) and from_component and self._location.thread:
            return await self._discuss_in_channel(reply)
        first, *others = self._context.render(reply, self._location)
        answer = await self.send(first, private=private)
        for message in others:
            await self.send(message, private=private)
        await self._send_warning(reply, answer, first)
        return answer

    async def replace(self, reply: Reply) -> None:
        """Replace the message with the component that was used; if it is deleted, send a new one."""
        rendered, *_ = self._context.render(reply, self._location)
        try:
            await self._update(rendered)
        except PermanentFailure as refusal:
            if code_of(refusal) != UNKNOWN_MESSAGE:
                raise
            await self.send(rendered, private=True)

    async def _update(self, rendered: Message) -> None:
        async with self._lock:
            body, interaction = rendered.body(), self._interaction
            if (
                self._state is State.NEW
                and await self._respond(ResponseType.message_update, body) is not None
            ):
                self._state = State.ANSWERED
                return
            await self._context.rest.edit_response(interaction.application_id, interaction.token, body)

    async def dismiss(self) -> None:
        """Delete the message with the component that was used."""
        await self.defer()
        # After a deferred update the original response is the component's message.
        with ignore_deleted_message():
            await self._context.rest.delete_response(
                self._interaction.application_id, self._interaction.token
            )

    async def reopen_form(self, form: Form, page: FormPage) -> None:
        """Open a form with the values that were submitted before."""
        async with self._lock:
            if await self._respond(ResponseType.modal, modal(form, page)) is not None:
                self._state = State.ANSWERED
                return
        await self.send(self._context.render_form(form, page, new_form_key()), private=True)

    async def close(self) -> None:
        """End an interaction that got no reply, so that Discord doesn't show it as failed or thinking."""
        try:
            async with self._lock:
                if self._state is State.NEW and self._interaction.kind is InteractionType.component:
                    await self._respond(ResponseType.deferred_message_update)
                elif self._state is State.DEFERRED:
                    await self._delete_deferred()
        except DeliveryError as failure:
            _log.warning("An interaction without an answer could not be ended: %s", failure)

    async def _open_form(self, form: Form) -> Ephemeral:
        """Open a form; if there was an initial response already, show the button that opens it.

        Discord takes a modal only as the initial response.
        """
        part, page = next_page(form, self._fields_left, for_dm=self._ephemeral)
        async with self._lock:
            is_new = self._state is State.NEW
            if is_new and await self._respond(ResponseType.modal, modal(part, page)) is not None:
                self._state = State.ANSWERED
                return Ephemeral()
        await self.send(self._context.render_form(part, page, new_form_key()), private=True)
        return Ephemeral()

    async def send(self, message: Message, *, private: bool) -> MessageRef | Ephemeral:
        """Send a message: as the initial response, in place of the deferred one, or as a follow-up.

        If the interaction has expired, the message is sent without it.

        Raises:
            DeliveryError: as `Surface.send` says.

        """
        ephemeral = self._is_ephemeral(private or self._ephemeral)
        async with self._lock:
            try:
                sent = await self._send(message, ephemeral=ephemeral)
            except DeliveryError as failure:
                # A follow-up to a deferred response that still stands takes its place, and who sees that is
                # fixed: an ephemeral message would be shown to all.
                exposed = self._state is State.DEFERRED and ephemeral != self._is_ephemeral(self._private)
                if not exposed and code_of(failure) not in INTERACTION_EXPIRED:
                    raise
                _log.warning("An interaction is answered by an ordinary message: %s", failure)
                return await self._send_outside(message, ephemeral=ephemeral)
            self._state = State.ANSWERED
        return Ephemeral() if ephemeral else self._location.message(sent["id"])

    async def _send(self, message: Message, *, ephemeral: bool) -> Any:
        rest, app, token = self._context.rest, self._interaction.application_id, self._interaction.token
        if self._state is State.NEW:
            callback = await self._respond(ResponseType.channel_message, message.body(private=ephemeral))
            if callback is not None:
                return callback["resource"]["message"]
        if self._state is State.DEFERRED:
            if ephemeral == self._is_ephemeral(self._private):
                # Somebody may have deleted the “thinking …” message; then a follow-up is the answer.
                with ignore_deleted_message():
                    return await rest.edit_response(app, token, message.body())
            else:
                await self._delete_deferred()
        return await rest.follow_up(app, token, message.body(private=ephemeral))

    async def _respond(self, kind: ResponseType, data: Any = None) -> Any:
        """Send the initial response; return None if Discord has one already.

        That is one whose confirmation was lost: Discord refuses the second, so the first had arrived.
        """
        rest, interaction = self._context.rest, self._interaction
        try:
            return await rest.respond(interaction.id, interaction.token, kind.value, data)
        except DeliveryUnknown:
            self._unconfirmed = self._unconfirmed or kind
            raise
        except PermanentFailure as refusal:
            if code_of(refusal) != ALREADY_ACKNOWLEDGED:
                raise
            deferred = self._unconfirmed is ResponseType.deferred_channel_message
            self._state = State.DEFERRED if deferred else State.ANSWERED
            return None

    async def _delete_deferred(self) -> None:
        """Delete the deferred response."""
        with ignore_deleted_message():
            await self._context.rest.delete_response(
                self._interaction.application_id, self._interaction.token
            )
        self._state = State.ANSWERED

    async def _send_outside(self, message: Message, *, ephemeral: bool) -> MessageRef | Ephemeral:
        """Send a message without the interaction, to the person's DM channel if it would be ephemeral."""
        self._sent_outside += 1
        nonce, poster = f"{self._interaction.id}.{self._sent_outside}", self._context.poster
        if ephemeral:
            channel = await self._context.channels.dm_channel(self._interaction.person)
            await poster.post(channel, message, nonce=nonce)
            return Ephemeral()
        return await poster.post(self._location.channel, message, thread=self._location.thread, nonce=nonce)

    def _is_ephemeral(self, private: bool) -> bool:
        """Whether a private reply has to be ephemeral: a DM channel is private by itself."""
        return private and not self._location.is_dm

    async def _discuss_in_channel(self, reply: Discussion) -> MessageRef:
        """Post a discussion in the channel of a thread, because a thread can't hold threads."""
        await self.defer()
        location = Location(self._location.workspace, self._location.channel)
        (rendered,) = self._context.render(reply, location)
        message = await self._context.poster.post(location.channel, rendered, nonce=self._interaction.id)
        warning = await open_discussion_thread(self._context, reply, message, rendered)
        url = permalink(location.workspace, message) or ""
        notice = warning or Notice("The discussion is open.", Tone.DONE, f"Join in: {url}")
        await self.send(self._context.render(notice, location)[0], private=True)
        return message

    async def _send_warning(self, reply: Reply, answer: MessageRef | Ephemeral, rendered: Message) -> None:
        """Warn the person of a thread that could not be opened, or of permissions that the bot lacks."""
        warning = await open_discussion_thread(self._context, reply, answer, rendered)
        warning = warning or self._permission_warning(reply, answer)
        if warning is not None:
            await self.send(self._context.render(warning, self._location)[0], private=True)

    def _permission_warning(self, reply: Reply, answer: MessageRef | Ephemeral) -> Notice | None:
        """Name the permissions that the bot lacks, if that matters after this reply.

        It matters where the bot is to post from now on, and where it can't see its own public answer: then it
        gets no reactions to that.
        """
        is_private = self._location.is_dm or self._ephemeral
        missing = [] if is_private else missing_permissions(self._interaction.app_permissions)
        sets_up = isinstance(reply, Subscribed) or (isinstance(reply, SettingsCard) and reply.changed)
        unseen = isinstance(answer, MessageRef) and "View Channel" in missing
        if not missing or not (sets_up or unseen):
            return None
        text = f"I lack permissions in {self._location.name}: {', '.join(missing)}."
        hint = "Until I have them, posts, votes by reaction and discussions do not work here."
        return Notice(text, Tone.WARNING, hint)


def new_form_key() -> str:
    """Return a random key to keep a form under."""
    return secrets.token_urlsafe(6)
