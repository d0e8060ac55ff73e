"""Where the answers to one event go."""

import asyncio
import logging
from typing import Any

from adapters.slack.outbound.client import Clients, delivering
from adapters.slack.render.modals import modal
from adapters.slack.render.replies import Message, render
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable, DeliveryError, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Discussion, Form, LinkCard, Notice, ReadingList, Reply, Tone

RESPONSE_URL_USES = 5
"""https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses."""
_log = logging.getLogger(__name__)


class NullConversation:
    """What only changes something, and is answered to nobody."""

    def __init__(self) -> None:
        """Begin untaken."""
        self.is_taken = asyncio.Event()

    async def ack(self) -> None:
        """Let the acknowledgement go."""
        self.is_taken.set()

    async def working(self, text: str) -> None:
        """Nobody waits."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - the port's
        """Keep what cannot be told to anybody in the log."""
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            _log.warning("Nobody to tell: %s", reply.text)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """No button was pressed."""


class SlackConversation(NullConversation):
    """What one person asked for or pressed, and what comes of it.

    Private answers go by the `response_url`, which reaches places that the bot is no member of. Public ones
    are posted, so that their `ts` is known, and go by the `response_url` only where the bot may not post.
    """

    def __init__(
        self,
        clients: Clients,
        origin: Origin,
        *,
        thread: str | None = None,
        response_url: str | None = None,
        pressed: MessageRef | None = None,
        trigger: str | None = None,
    ) -> None:
        """Say who spoke where, in which thread, and which message's button was pressed.

        A trigger lets a form be opened, once, within three seconds.
        """
        super().__init__()
        self._clients = clients
        self._origin = origin
        self._thread = thread
        self._response_url = response_url
        self._pressed = pressed
        self._trigger = trigger
        self._uses = 0

    async def working(self, text: str) -> None:
        """Say that an answer takes a moment."""
        await self.reply(Notice(text), private=True)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer; what does not fit into one message goes on in the next."""
        if isinstance(reply, Discussion) and self._pressed is not None:
            # A button in a thread opens a thread of its own, which there is only in the channel.
            self._thread = None
        if isinstance(reply, Form) and self._trigger is not None and await self._opened(reply):
            return Ephemeral()
        first, *others = await self._drawn(reply)
        answer = await self._say(first, private=private)
        for message in others:
            await self._say(message, private=private)
        return answer

    async def replace(self, reply: Reply) -> None:
        """Redraw the message whose button was pressed."""
        message, *_ = await self._drawn(reply)
        if self._pressed is None:
            await self._turn(message)
            return
        client = await self._clients.answering(self._origin.workspace)
        async with delivering():
            await client.chat_update(
                channel=self._pressed.channel,
                ts=self._pressed.message,
                text=message.text,
                blocks=message.blocks,
            )

    async def _turn(self, message: Message) -> None:
        """Redraw a message that only one person sees; where that is too late, say it anew."""
        try:
            await self._respond(message, replace_original=True)
        except DeliveryError as failure:
            _log.info("An answer was not redrawn: %s", failure)
            await self._whisper_anew(message)

    async def _opened(self, form: Form) -> bool:
        """Open a form; whether Slack still let us."""
        view = modal(form, self._origin.channel, self._origin.channel_name)
        client = await self._clients.writing(self._origin.workspace)
        try:
            async with delivering():
                await client.views_open(trigger_id=self._trigger, view=view)
        except DeliveryError as failure:
            _log.info("A form was not opened: %s", failure)
            return False
        return True

    async def _drawn(self, reply: Reply) -> tuple[Message, ...]:
        """Draw a reply, with the workspace's own address where messages are linked to."""
        if not isinstance(reply, ReadingList | LinkCard):
            return render(reply)
        return render(reply, await self._clients.address(self._origin.workspace))

    async def _say(self, message: Message, *, private: bool) -> MessageRef | Ephemeral:
        if private and not self._origin.direct:
            await self._whisper(message)
            return Ephemeral()
        try:
            return await self._post(message)
        except ChannelUnavailable:
            if self._response_url is None:
                raise
            await self._respond(message, response_type="ephemeral" if private else "in_channel")
            if not private:
                await self._ask_in()
            return Ephemeral()

    async def _post(self, message: Message) -> MessageRef:
        client = await self._clients.answering(self._origin.workspace)
        async with delivering():
            answer = await client.chat_postMessage(
                channel=self._origin.channel,
                text=message.text,
                blocks=message.blocks,
                thread_ts=self._thread,
                unfurl_links=False,
                unfurl_media=False,
            )
        await self._clients.posted(self._origin.workspace, answer["channel"])
        return MessageRef(answer["channel"], answer["ts"], self._thread)

    async def _whisper(self, message: Message) -> None:
        """Say something to one person; where the `response_url` is used up or expired, by the channel."""
        if self._response_url is not None and self._uses < RESPONSE_URL_USES:
            try:
                await self._respond(message, response_type="ephemeral")
            except DeliveryError as failure:
                # Should that one have arrived, the person reads it twice: better than never.
                _log.info("An answer goes by chat.postEphemeral: %s", failure)
            else:
                return
        await self._whisper_anew(message)

    async def _whisper_anew(self, message: Message) -> None:
        client = await self._clients.answering(self._origin.workspace)
        async with delivering():
            await client.chat_postEphemeral(
                channel=self._origin.channel,
                user=self._origin.person,
                text=message.text,
                blocks=message.blocks,
                thread_ts=self._thread,
            )

    async def _respond(
        self, message: Message, *, response_type: str = "ephemeral", replace_original: bool = False
    ) -> None:
        if self._response_url is None:
            raise PermanentFailure("There is no response_url.")
        body: dict[str, Any] = {
            "text": message.text,
            "blocks": list(message.blocks),
            "response_type": response_type,
            "replace_original": replace_original,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if self._thread is not None:
            body["thread_ts"] = self._thread
        self._uses += 1
        await self._clients.respond(self._response_url, body)

    async def _ask_in(self) -> None:
        name = await self._clients.bot_name(self._origin.workspace)
        hint = (
            f"Type `/invite @{name}`, and votes by reaction, discussions and daily posts work here as well."
        )
        invite = Notice("I am not a member of this channel, so I only answer here.", Tone.INFO, hint)
        await self._respond(render(invite)[0])
