"""Replies that are no messages: forms, the Home tab, link previews and suggestions."""

from adapters.common.conversation import NullConversation
from adapters.slack.limits import FORM_ERROR, OPTIONS
from adapters.slack.outbound.client import Clients, delivery_errors
from adapters.slack.outbound.conversation import SlackConversation
from adapters.slack.render.home import home_view
from adapters.slack.render.modals import errors_of, options
from adapters.slack.render.replies import render
from bot.domain.channel import Origin
from bot.domain.errors import ChannelUnavailable
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import (
    Choice,
    Form,
    Home,
    LinkCard,
    Notice,
    Reply,
    SubscriptionList,
    Suggestions,
    Tally,
    Tone,
)
from bot.protocol.wording import shortened


class FormConversation(SlackConversation):
    """Replies to a submitted form. Errors go back into the form, with the acknowledgement.

    https://docs.slack.dev/surfaces/modals/#displaying_errors.
    """

    def __init__(self, clients: Clients, origin: Origin, first_field: str) -> None:
        """`first_field` is the field under which Slack shows errors that belong to none."""
        super().__init__(clients, origin)
        self._first_field = first_field
        self.errors: dict[str, str] = {}

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Reply; by a direct message where the bot may not post in the channel.

        Once the event is acknowledged the form is closed, so later errors are messages too.
        """
        if not self.acked.is_set() and (errors := self._errors_in(reply)):
            self.errors = errors
            await self.ack()
            return Ephemeral()
        try:
            return await super().reply(reply, private=private)
        except ChannelUnavailable:
            client = await self._clients.for_replies(self._origin.workspace)
            for message in render(reply):
                async with delivery_errors():
                    await client.chat_postMessage(
                        channel=self._origin.person, text=message.text, blocks=message.blocks
                    )
            return Ephemeral()

    def _errors_in(self, reply: Reply) -> dict[str, str]:
        if isinstance(reply, Form):
            return errors_of(reply)
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            return {self._first_field: shortened(reply.text, FORM_ERROR)}
        return {}


class HomeConversation(SlackConversation):
    """Replies to what somebody does in their Home tab."""

    def __init__(self, clients: Clients, origin: Origin, trigger_id: str | None = None) -> None:
        super().__init__(clients, origin, trigger_id=trigger_id)
        self.target: Origin | None = None
        """The channel that the pressed button acts in, such as a discussion's; None for all other buttons."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Publish the tab, or send any other reply to the target channel or to the direct messages.

        Confirmations are dropped, as the tab is published again and shows what changed.
        """
        if isinstance(reply, Home):
            client = await self._clients.for_replies(self._origin.workspace)
            async with delivery_errors():
                await client.views_publish(
                    user_id=self._origin.person, view=home_view(reply, self._origin.channel)
                )
            return Ephemeral()
        if isinstance(reply, Tally) or (isinstance(reply, Notice) and reply.tone is Tone.DONE):
            return Ephemeral()
        if self.target is not None and not private:
            return await SlackConversation(self._clients, self.target).reply(reply, private=False)
        return await super().reply(reply, private=private)

    async def replace(self, reply: Reply) -> None:
        """Drop a list of subscriptions, which the tab shows once it is published again; replace all else."""
        if not isinstance(reply, SubscriptionList):
            await super().replace(reply)


async def unfurl(clients: Clients, workspace: str, message: MessageRef, card: LinkCard) -> None:
    """Show a link's card under somebody's message, in place of an earlier preview of that link.

    https://docs.slack.dev/messaging/unfurling-links-in-messages.

    Raises:
        DeliveryError: as `delivery_errors` says.

    """
    (preview,) = render(card, await clients.workspace_url(workspace))
    client = await clients.without_retries(workspace)
    async with delivery_errors():
        await client.chat_unfurl(
            channel=message.channel,
            ts=message.message,
            unfurls={card.link: {"blocks": list(preview.blocks)}},
        )


class UnfurlConversation(NullConversation):
    """Shows the previews of one message's links."""

    def __init__(self, clients: Clients, origin: Origin, message: MessageRef) -> None:
        super().__init__()
        self._clients = clients
        self._origin = origin
        self._message = message

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Show a link's card. Returns the person's message, as a preview has no reference of its own."""
        if not isinstance(reply, LinkCard):
            return await super().reply(reply, private=private)
        await unfurl(self._clients, self._origin.workspace, self._message, reply)
        return self._message


class SuggestionsConversation(NullConversation):
    """Collects suggestions for a select menu, to be sent with the acknowledgement."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: tuple[Choice, ...] = ()

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Keep suggestions; log an error and drop all else."""
        if not isinstance(reply, Suggestions):
            return await super().reply(reply, private=private)
        self.choices = reply.choices
        return Ephemeral()

    @property
    def options(self) -> list[dict[str, object]]:
        """The suggestions as option objects, at most as many as Slack accepts."""
        return options(self.choices[:OPTIONS])
