"""Replies to one command, button, form or message."""

import logging
from typing import Any

from adapters.common.conversation import NullConversation
from adapters.slack.outbound.client import Clients, delivery_errors
from adapters.slack.render.modals import modal
from adapters.slack.render.replies import Message, render
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable, DeliveryError, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Discussion, Form, LinkCard, Notice, ReadingList, Reply, Tone

RESPONSE_URL_USES = 5
"""https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses."""
_log = logging.getLogger(__name__)


class SlackConversation(NullConversation):
    """Replies to one person's command or press of a button.

    Private replies go by the `response_url`, which also works in channels that the bot is not a member of.
    Public ones go by `chat.postMessage`, as only that returns their `ts`; where the bot may not post, they go
    by the `response_url` as well.
    """

    def __init__(
        self,
        clients: Clients,
        origin: Origin,
        *,
        thread: str | None = None,
        response_url: str | None = None,
        button_message: MessageRef | None = None,
        trigger_id: str | None = None,
    ) -> None:
        """`thread` is where replies go, and `button_message` the message whose button was pressed.

        A `trigger_id` lets the bot open one modal, within three seconds.
        """
        super().__init__()
        self._clients = clients
        self._origin = origin
        self._thread = thread
        self._response_url = response_url
        self._button_message = button_message
        self._trigger_id = trigger_id
        self._response_url_uses = 0

    async def working(self, text: str) -> None:
        """Tell the person that the reply takes a moment."""
        await self.reply(Notice(text), private=True)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Send a reply, in several messages where one is too small. Returns the first one's reference.

        Raises:
            DeliveryError: as `delivery_errors` says.

        """
        if isinstance(reply, Discussion) and self._button_message is not None:
            # A discussion needs a thread of its own, and Slack has no threads within threads.
            self._thread = None
        if isinstance(reply, Form) and self._trigger_id is not None and await self._open_modal(reply):
            return Ephemeral()
        first, *others = await self._render(reply)
        sent = await self._send(first, private=private)
        for message in others:
            await self._send(message, private=private)
        return sent

    async def replace(self, reply: Reply) -> None:
        """Redraw the message whose button was pressed.

        Raises:
            DeliveryError: as `delivery_errors` says.

        """
        message, *_ = await self._render(reply)
        if self._button_message is None:
            await self._replace_ephemeral(message)
            return
        client = await self._clients.for_replies(self._origin.workspace)
        async with delivery_errors():
            await client.chat_update(
                channel=self._button_message.channel,
                ts=self._button_message.message,
                text=message.text,
                blocks=message.blocks,
            )

    async def _replace_ephemeral(self, message: Message) -> None:
        """Redraw an ephemeral message, which only its `response_url` can; send a new one where that fails."""
        try:
            await self._respond(message, replace_original=True)
        except DeliveryError as failure:
            _log.info("Sending a new ephemeral message, as the old one was not replaced: %s", failure)
            await self._post_ephemeral(message)

    async def _open_modal(self, form: Form) -> bool:
        """Open a form. Returns False where Slack refuses, as after three seconds."""
        view = modal(form, self._origin.channel, self._origin.channel_name)
        client = await self._clients.without_retries(self._origin.workspace)
        try:
            async with delivery_errors():
                await client.views_open(trigger_id=self._trigger_id, view=view)
        except DeliveryError as failure:
            _log.info("Sending a form as a message, as its modal was not opened: %s", failure)
            return False
        return True

    async def _render(self, reply: Reply) -> tuple[Message, ...]:
        """Render a reply; look the workspace's address up only for those that link to messages."""
        if not isinstance(reply, ReadingList | LinkCard):
            return render(reply)
        return render(reply, await self._clients.workspace_url(self._origin.workspace))

    async def _send(self, message: Message, *, private: bool) -> MessageRef | Ephemeral:
        if private and not self._origin.direct:
            await self._send_ephemeral(message)
            return Ephemeral()
        try:
            return await self._post(message)
        except ChannelUnavailable:
            if self._response_url is None:
                raise
            await self._respond(message, response_type="ephemeral" if private else "in_channel")
            if not private:
                await self._suggest_invite()
            return Ephemeral()

    async def _post(self, message: Message) -> MessageRef:
        client = await self._clients.for_replies(self._origin.workspace)
        async with delivery_errors():
            response = await client.chat_postMessage(
                channel=self._origin.channel,
                text=message.text,
                blocks=message.blocks,
                thread_ts=self._thread,
                unfurl_links=False,
                unfurl_media=False,
            )
        await self._clients.hold_channel(self._origin.workspace, response["channel"])
        return MessageRef(response["channel"], response["ts"], self._thread)

    async def _send_ephemeral(self, message: Message) -> None:
        """Send by the `response_url`; by `chat.postEphemeral` where that is used up or has expired."""
        if self._response_url is not None and self._response_url_uses < RESPONSE_URL_USES:
            try:
                await self._respond(message, response_type="ephemeral")
            except DeliveryError as failure:
                # If Slack did show it, the person reads it twice, which is better than never.
                _log.info("Sending a reply by chat.postEphemeral: %s", failure)
            else:
                return
        await self._post_ephemeral(message)

    async def _post_ephemeral(self, message: Message) -> None:
        client = await self._clients.for_replies(self._origin.workspace)
        async with delivery_errors():
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
        self._response_url_uses += 1
        await self._clients.respond(self._response_url, body)

    async def _suggest_invite(self) -> None:
        name = await self._clients.bot_name(self._origin.workspace)
        hint = (
            f"Type `/invite @{name}`, and votes by reaction, discussions and daily posts work here as well."
        )
        invite = Notice("I am not a member of this channel, so I only answer here.", Tone.INFO, hint)
        await self._respond(render(invite)[0])
