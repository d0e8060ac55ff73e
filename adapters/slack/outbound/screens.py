"""Where answers go that are no messages: forms, the Home tab, previews of links and suggestions."""

from adapters.slack.limits import FORM_ERROR, OPTIONS
from adapters.slack.outbound.client import Clients, delivering
from adapters.slack.outbound.conversation import NullConversation, SlackConversation
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
    """A form that was sent. What is wrong with it goes back into it with the acknowledgement."""

    def __init__(self, clients: Clients, origin: Origin, first_field: str) -> None:
        """Say who sent it, and beside which field stands what is about none of them."""
        super().__init__(clients, origin)
        self._first_field = first_field
        self.errors: dict[str, str] = {}

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer; where the bot may not speak to the person in the channel, in a direct message."""
        if not self.is_taken.is_set() and (errors := self._wrong(reply)):
            self.errors = errors
            await self.ack()
            return Ephemeral()
        try:
            return await super().reply(reply, private=private)
        except ChannelUnavailable:
            client = await self._clients.answering(self._origin.workspace)
            for message in render(reply):
                async with delivering():
                    await client.chat_postMessage(
                        channel=self._origin.person, text=message.text, blocks=message.blocks
                    )
            return Ephemeral()

    def _wrong(self, reply: Reply) -> dict[str, str]:
        if isinstance(reply, Form):
            return errors_of(reply)
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            return {self._first_field: shortened(reply.text, FORM_ERROR)}
        return {}


class HomeConversation(SlackConversation):
    """Somebody's Home tab. What the page itself shows anew is not said beside it."""

    def __init__(self, clients: Clients, origin: Origin, trigger: str | None = None) -> None:
        """Say whose it is."""
        super().__init__(clients, origin, trigger=trigger)
        self.there: Origin | None = None
        """The channel in which something was pressed that belongs there, such as a discussion."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Draw the page; say anything else in one's own talk with the bot, or where it belongs."""
        if isinstance(reply, Home):
            client = await self._clients.answering(self._origin.workspace)
            async with delivering():
                await client.views_publish(
                    user_id=self._origin.person, view=home_view(reply, self._origin.channel)
                )
            return Ephemeral()
        if isinstance(reply, Tally) or (isinstance(reply, Notice) and reply.tone is Tone.DONE):
            return Ephemeral()
        if self.there is not None and not private:
            return await SlackConversation(self._clients, self.there).reply(reply, private=False)
        return await super().reply(reply, private=private)

    async def replace(self, reply: Reply) -> None:
        """Leave it to the page, which is drawn anew after whatever was pressed on it."""
        if not isinstance(reply, SubscriptionList):
            await super().replace(reply)


async def preview(clients: Clients, workspace: str, message: MessageRef, card: LinkCard) -> None:
    """Draw a link's card under somebody's message, in place of what stood there before.

    Raises:
        DeliveryError: as `delivering` says.

    """
    (drawn,) = render(card, await clients.address(workspace))
    client = await clients.writing(workspace)
    async with delivering():
        await client.chat_unfurl(
            channel=message.channel, ts=message.message, unfurls={card.link: {"blocks": list(drawn.blocks)}}
        )


class UnfurlConversation(NullConversation):
    """A message whose links Slack lets the bot draw previews of."""

    def __init__(self, clients: Clients, origin: Origin, message: MessageRef) -> None:
        """Say whose message it is."""
        super().__init__()
        self._clients = clients
        self._origin = origin
        self._message = message

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Draw a link's card in place of Slack's own preview."""
        if not isinstance(reply, LinkCard):
            return await super().reply(reply, private=private)
        await preview(self._clients, self._origin.workspace, self._message, reply)
        return self._message


class SuggestionsConversation(NullConversation):
    """A field whose values are suggested while somebody types."""

    def __init__(self) -> None:
        """Begin with nothing to suggest."""
        super().__init__()
        self.choices: tuple[Choice, ...] = ()

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Keep what is suggested for the acknowledgement."""
        if not isinstance(reply, Suggestions):
            return await super().reply(reply, private=private)
        self.choices = reply.choices
        return Ephemeral()

    @property
    def options(self) -> list[dict[str, object]]:
        """What is suggested, as Slack takes it."""
        return options(self.choices[:OPTIONS])
