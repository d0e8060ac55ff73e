"""Replies to one typed line."""

from adapters.console.outbound.history import Message
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.render.replies import render
from adapters.console.user import ConsoleUser
from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Discussion, Reply


class ConsoleConversation:
    """Shows the replies to one line.

    A private reply becomes a numbered message only if it has buttons, which are pressed by the number.
    """

    def __init__(
        self,
        surface: ConsoleSurface,
        user: ConsoleUser,
        thread: str | None = None,
        button_message: Message | None = None,
    ) -> None:
        """`thread` is where replies go, and `button_message` the message whose button was pressed."""
        self._surface = surface
        self._user = user
        self._thread = thread
        self._button_message = button_message

    async def ack(self) -> None:
        """Do nothing: a console does not repeat events."""

    async def working(self, text: str) -> None:
        """Show that the reply takes a moment."""
        self._surface.screen.working(text)

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Show a reply. Returns its message, or Ephemeral where only the user sees it."""
        rendered = render(reply)
        if private and not rendered.buttons:
            self._surface.screen.show(rendered)
            return Ephemeral()
        hidden = private and not self._user.direct
        message = self._surface.post(
            rendered,
            channel=self._user.channel,
            # A discussion needs a thread of its own, and there are no threads within threads.
            thread=None
            if isinstance(reply, Discussion) and self._button_message is not None
            else self._thread,
            reader=self._user.person if hidden else None,
        )
        return Ephemeral() if hidden else message.ref

    async def replace(self, reply: Reply) -> None:
        """Redraw the message whose button was pressed."""
        if self._button_message is None:
            raise ValueError("No button was pressed, so there is no message to redraw.")
        self._surface.redraw(self._button_message, render(reply))
