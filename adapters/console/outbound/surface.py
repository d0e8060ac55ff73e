"""Messages on the console: the bot's replies, and posts that nobody asked for."""

from datetime import datetime, timedelta

from adapters.console import CONSOLE
from adapters.console.outbound.history import Draft, History, Message
from adapters.console.outbound.screen import Screen, plain
from adapters.console.render.replies import RenderedReply, render
from bot.domain.channel import Channel, Platform
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure
from bot.domain.message import MessageRef
from bot.ports.clock import Clock
from bot.protocol.actions import to_token
from bot.protocol.replies import Reply

BOT = "paperclub"


class ConsoleSurface:
    """Writes each message to the file first, then to the screen.

    A message counts as sent once it is in the file. After a crash before the screen shows it, `find` finds
    its token, so it is never posted twice.
    """

    def __init__(self, history: History, screen: Screen, clock: Clock) -> None:
        self.history = history
        self.screen = screen
        self.clock = clock

    @property
    def platform(self) -> Platform:
        """The console."""
        return CONSOLE

    @property
    def post_interval(self) -> timedelta:
        """A file takes any number."""
        return timedelta()

    @property
    def own_clock(self) -> None:
        """None, as the console's time is this computer's."""
        return

    @property
    def shared_ids(self) -> bool:
        """There is one workspace."""
        return True

    @property
    def single_posts(self) -> bool:
        """Each paper has a message of its own, to vote on."""
        return False

    @property
    def max_resends(self) -> None:
        """None, as `find` can look for a post."""
        return

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:  # noqa: ARG002 - all see all
        """Return the channels in the file; whoever is at the console sees them all."""
        try:
            return frozenset(each.draft.channel for each in self.history.latest())
        except OSError as error:
            raise DeliveryUnknown(str(error)) from error

    async def is_member(self, workspace: str, person: str) -> bool:  # noqa: ARG002 - see below
        """Return True: whoever is at the console is in its one workspace."""
        return True

    async def message_link(self, channel: Channel, message: MessageRef) -> str:  # noqa: ARG002 - see below
        """Return nothing: a message on the console has no address."""
        return ""

    async def ping(self) -> None:
        """Do nothing: there is no server."""

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel."""
        message = self.post(
            render(reply),
            channel=channel.external_id,
            thread=thread.message if thread else None,
            token=token,
        )
        return message.ref

    async def find(
        self,
        channel: Channel,
        token: str,
        since: datetime,
        thread: MessageRef | None,
        searched_to: str | None = None,  # noqa: ARG002 - the whole file is searched at once
    ) -> MessageRef | None:
        """Look for a token in the whole file."""
        try:
            messages = self.history.latest()
        except OSError as error:
            raise DeliveryUnknown(str(error)) from error
        root = thread.message if thread else None
        key = (channel.external_id, root, token)
        for message in messages:
            draft = message.draft
            if (draft.channel, draft.thread, draft.token) == key and draft.at >= since:
                return message.ref
        return None

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:  # noqa: ARG002 - there is only one
        """Send a direct message."""
        self.post(render(reply), channel=f"@{person}")

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message."""
        number = int(message.message) if message.message.isdecimal() else 0
        current = self.history.message(number)
        if current is None or current.draft.channel != channel.external_id:
            raise PermanentFailure(f"There is no message {message.message} in {channel.external_id}.")
        self.redraw(current, render(reply))

    def post(
        self,
        rendered: RenderedReply,
        *,
        channel: str,
        thread: str | None = None,
        reader: str | None = None,
        token: str = "",
    ) -> Message:
        """Append a message to the file and show it. Raises NotSent where it cannot be written."""
        draft = Draft(
            channel=channel,
            author=BOT,
            at=self.clock.now(),
            text=plain(rendered),
            thread=thread,
            reader=reader,
            token=token,
            buttons=_tokens(rendered),
        )
        try:
            message = self.history.post(draft)
        except OSError as error:
            raise NotSent(str(error)) from error
        self.screen.show_message(message, rendered)
        return message

    def redraw(self, message: Message, rendered: RenderedReply) -> None:
        """Replace a message in the file and show it, unless it is the same. Raises NotSent as `post` does."""
        text, buttons = plain(rendered), _tokens(rendered)
        if (text, buttons) == (message.draft.text, message.draft.buttons):
            return
        try:
            self.history.edit(message.number, text, buttons)
        except OSError as error:
            raise NotSent(str(error)) from error
        self.screen.show_edit(message, rendered)


def _tokens(rendered: RenderedReply) -> dict[str, str]:
    return {button.name: to_token(button.action) for button in rendered.buttons}
