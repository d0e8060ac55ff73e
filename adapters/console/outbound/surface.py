"""The console as a platform that can be written to at any time."""

from datetime import datetime, timedelta

from adapters.console import CONSOLE
from adapters.console.outbound.history import Draft, History, Message
from adapters.console.outbound.screen import Screen, plain
from adapters.console.render.replies import Drawing, render
from bot.domain.channel import Channel, Platform
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure
from bot.domain.message import MessageRef
from bot.ports.clock import Clock
from bot.protocol.actions import to_token
from bot.protocol.replies import Reply

BOT = "paperclub"


class ConsoleSurface:
    """Writes to the record first and to the screen after it.

    A message stands once it is in the record: a crash before the screen shows it loses a line on the
    screen, and asking for its token finds it; it is never posted twice.
    """

    def __init__(self, history: History, screen: Screen, clock: Clock) -> None:
        """Take the record and the screen."""
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
        """None: this computer's counts."""
        return

    async def ping(self) -> None:
        """There is nobody to ask."""

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
        searched_to: str | None = None,  # noqa: ARG002 - it is looked through at once
    ) -> MessageRef | None:
        """Look for a token in the record."""
        try:
            messages = self.history.latest()
        except OSError as error:
            raise DeliveryUnknown(str(error)) from error
        root = thread.message if thread else None
        wanted = (channel.external_id, root, token)
        for message in messages:
            draft = message.draft
            if (draft.channel, draft.thread, draft.token) == wanted and draft.at >= since:
                return message.ref
        return None

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:  # noqa: ARG002 - there is but one
        """Say something to one person alone."""
        self.post(render(reply), channel=f"@{person}")

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message."""
        number = int(message.message) if message.message.isdecimal() else 0
        standing = self.history.message(number)
        if standing is None or standing.draft.channel != channel.external_id:
            raise PermanentFailure(f"There is no message {message.message} in {channel.external_id}.")
        self.redraw(standing, render(reply))

    def post(
        self,
        drawing: Drawing,
        *,
        channel: str,
        thread: str | None = None,
        reader: str | None = None,
        token: str = "",
    ) -> Message:
        """Put a message into the record and show it."""
        draft = Draft(
            channel=channel,
            author=BOT,
            at=self.clock.now(),
            text=plain(drawing),
            thread=thread,
            reader=reader,
            token=token,
            buttons=_tokens(drawing),
        )
        try:
            message = self.history.post(draft)
        except OSError as error:
            raise NotSent(str(error)) from error
        self.screen.message(message, drawing)
        return message

    def redraw(self, message: Message, drawing: Drawing) -> None:
        """Change a message in the record and show the change, if there is one."""
        text, buttons = plain(drawing), _tokens(drawing)
        if (text, buttons) == (message.draft.text, message.draft.buttons):
            return
        try:
            self.history.edit(message.number, text, buttons)
        except OSError as error:
            raise NotSent(str(error)) from error
        self.screen.edited(message, drawing)


def _tokens(drawing: Drawing) -> dict[str, str]:
    return {button.name: to_token(button.action) for button in drawing.buttons}
