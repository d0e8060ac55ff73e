"""Where the answers to one typed line go."""

from adapters.console.outbound.history import Message
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.render.replies import render
from adapters.console.seat import Seat
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Discussion, Reply


class ConsoleConversation:
    """One person's line and what comes of it.

    A private answer gets a number only where it has buttons to press. In one's own talk with the bot
    such an answer is a message like any other.
    """

    def __init__(
        self,
        surface: ConsoleSurface,
        seat: Seat,
        thread: str | None = None,
        pressed: Message | None = None,
    ) -> None:
        """Say who spoke, in which thread, or which message's button was pressed."""
        self._surface = surface
        self._seat = seat
        self._thread = thread
        self._pressed = pressed

    async def ack(self) -> None:
        """Nothing comes again on a console."""

    async def working(self, text: str) -> None:
        """Say that an answer takes a moment."""
        self._surface.screen.working(text)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer."""
        drawing = render(reply)
        if private and not drawing.buttons:
            self._surface.screen.aside(drawing)
            return Ephemeral()
        hidden = private and not self._seat.direct
        message = self._surface.post(
            drawing,
            channel=self._seat.channel,
            # A button in a thread opens a thread of its own, which there is only in the channel.
            thread=None if isinstance(reply, Discussion) and self._pressed is not None else self._thread,
            reader=self._seat.person if hidden else None,
        )
        return Ephemeral() if hidden else message.ref

    async def replace(self, reply: Reply) -> None:
        """Redraw the message whose button was pressed."""
        if self._pressed is None:
            raise ValueError("No button was pressed, so there is no message to redraw.")
        self._surface.redraw(self._pressed, render(reply))
