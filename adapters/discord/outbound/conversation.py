"""Where the replies to one event go."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field

from cachetools import TTLCache

from adapters.common.conversation import NullConversation
from adapters.discord.outbound.channels import DiscordChannels, Location
from adapters.discord.outbound.client import THREAD_ARCHIVED, THREAD_LOCKED, Rest, code_of
from adapters.discord.outbound.messages import Poster
from adapters.discord.render.modals import FormPage, form_message, reopen_id
from adapters.discord.render.replies import Message, render
from bot.domain.errors import ChannelUnavailable, DeliveryError, NotSent, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.ports.surface import Conversation
from bot.protocol.replies import Discussion, Form, Notice, Reply, Tone

FORMS_KEPT, FORM_SECONDS = 10_000, 900
"""How many forms with errors are kept, and for how many seconds: as long as an interaction's token is valid,
https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class DiscordContext:
    """What all conversations share: the client, the channels, and the forms to be corrected."""

    rest: Rest
    channels: DiscordChannels
    poster: Poster
    reads_messages: bool = False
    """Whether the app has the intent for message content."""
    forms: TTLCache[str, tuple[Form, FormPage]] = field(
        default_factory=lambda: TTLCache(FORMS_KEPT, FORM_SECONDS)
    )

    def render(self, reply: Reply, location: Location) -> tuple[Message, ...]:
        """Render a reply as it looks in a location."""
        return render(reply, location.render_context(reads_messages=self.reads_messages))

    def render_form(self, form: Form, page: FormPage, key: str) -> Message:
        """Render the button that opens a form with its values, and keep these under `key`."""
        self.forms[key] = form, page
        return form_message(form, reopen_id(page, key))


class MessageConversation(NullConversation):
    """Replies to a message to the bot.

    A private reply goes to the person's DM channel, because only interactions can have ephemeral ones. So
    does a warning where the bot may not write in the channel.
    """

    def __init__(self, context: DiscordContext, location: Location, person: str, message: str) -> None:
        super().__init__()
        self._context = context
        self._location = location
        self._person = person
        self._message = message
        self._sent = 0

    async def working(self, text: str) -> None:  # noqa: ARG002 - Discord's typing indicator has no text
        """Show the typing indicator."""
        with suppress(DeliveryError):
            await self._context.rest.call(
                "POST", "/channels/{channel_id}/typing", channel_id=self._location.target
            )

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Send a reply, in several messages if one can't hold it; return the first one's reference."""
        first, *others = self._context.render(reply, self._location)
        try:
            answer = await self._send(first, private=private)
            for message in others:
                await self._send(message, private=private)
        except PermanentFailure as refusal:
            closed = {THREAD_ARCHIVED, THREAD_LOCKED}
            if not isinstance(refusal, ChannelUnavailable) and code_of(refusal) not in closed:
                raise
            return await self._report_refusal(refusal)
        warning = await open_discussion_thread(self._context, reply, answer, first)
        if warning is not None:
            await self.reply(warning, private=True)
        return answer

    async def _report_refusal(self, refusal: PermanentFailure) -> Ephemeral:
        """Tell the person in their DM channel that the bot may not write here."""
        if self._location.is_dm:
            raise refusal
        hint = "Use `/papers`: it is answered all the same."
        why = str(refusal).rstrip(".")
        notice = Notice(f"I cannot answer in {self._location.name}: {why}.", Tone.WARNING, hint)
        (rendered,) = self._context.render(notice, self._location)
        await self._send(rendered, private=True)
        return Ephemeral()

    async def _send(self, message: Message, *, private: bool) -> MessageRef | Ephemeral:
        # The number makes each of several messages its own. A retry of the same one is recognised by it.
        self._sent += 1
        nonce = f"{self._message}.{self._sent}"
        if private and not self._location.is_dm:
            await self._send_direct(message, nonce)
            return Ephemeral()
        return await self._context.poster.post(
            self._location.channel,
            message,
            thread=self._location.thread,
            reply_to="" if self._location.is_dm else self._message,
            nonce=nonce,
        )

    async def _send_direct(self, message: Message, nonce: str) -> None:
        """Send a direct message; if the person takes none, say so in the channel, without the content."""
        try:
            channel = await self._context.channels.dm_channel(self._person)
            await self._context.poster.post(channel, message, nonce=nonce)
        except NotSent as failure:
            now = "" if isinstance(failure, PermanentFailure) else " just now"
            hint = "Let me write to you, or use `/papers`, whose answers you alone see."
            notice = Notice(f"I cannot send you direct messages{now}.", Tone.WARNING, hint)
            (rendered,) = self._context.render(notice, self._location)
            await self._context.poster.post(
                self._location.channel, rendered, thread=self._location.thread, reply_to=self._message
            )


class LinkConversation(MessageConversation):
    """Replies to a link in a message that was not for the bot.

    Nobody asked, so nobody reads about failures: they are only logged.
    """

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Send a public reply; log or drop a private one."""
        if private:
            return await NullConversation.reply(self, reply, private=True)
        return await super().reply(reply, private=False)

    async def _report_refusal(self, refusal: PermanentFailure) -> Ephemeral:
        _log.warning("Links in channel %s get no cards: %s", self._location.channel.id, refusal)
        return Ephemeral()


async def notify(conversation: Conversation, notice: Notice) -> None:
    """Show a notice about an event that never reached the bot; a failure is only logged."""
    try:
        await conversation.reply(notice, private=True)
    except DeliveryError as failure:
        _log.warning("A notice could not be sent (“%s”): %s", notice.text, failure)


async def open_discussion_thread(
    context: DiscordContext, reply: Reply, answer: MessageRef | Ephemeral, rendered: Message
) -> Notice | None:
    """Open the thread under the message of a discussion, unless the message is in one already.

    Returns a warning for the person if that fails, else None.
    """
    if not isinstance(reply, Discussion) or isinstance(answer, Ephemeral) or answer.thread is not None:
        return None
    try:
        channel = await context.channels.get(answer.channel)
        if channel.is_dm:
            return None
        await context.poster.open_thread(answer, rendered.title)
    except DeliveryError as failure:
        hint = "Begin one from the message: what is written there belongs to the discussion."
        return Notice(f"I could not begin a thread for it: {failure}", Tone.WARNING, hint)
    return None
