"""Where answers and posts go."""

from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.channel import Channel, Platform
from bot.domain.message import Ephemeral, MessageRef
from bot.ports.clock import PlatformTime
from bot.protocol.replies import Reply


class Conversation(Protocol):
    """Where one event's answers go. The adapter picks the means.

    What it raises when a platform does not take an answer is a DeliveryError, as `Surface.send` says.
    """

    async def ack(self) -> None:
        """Tell the platform that the event need not come again: what it changes is stored. Twice is once."""
        ...

    async def working(self, text: str) -> None:
        """Say that an answer takes a moment."""
        ...

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer: to the person alone, or for the whole channel to see.

        What is drawn into a person's own message, as previews of its links are, gives that message.
        """
        ...

    async def replace(self, reply: Reply) -> None:
        """Put a reply in place of the message whose button was pressed."""
        ...


class Surface(Protocol):
    """A platform that can be written to without being asked."""

    @property
    def platform(self) -> Platform: ...

    @property
    def post_interval(self) -> timedelta:
        """The least time from one post in a channel to the next, as the platform's limits ask."""
        ...

    @property
    def own_clock(self) -> PlatformTime | None:
        """The platform's clock; None where it has none, and ours counts."""
        ...

    async def ping(self) -> None:
        """Have the platform answer something, from which `own_clock` hears its time.

        Raises:
            DeliveryError: it could not be asked.

        """
        ...

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel, or into the thread under a message, with a token that `find` can look for.

        Raises:
            NotSent: it is certainly not there, and may be tried again.
            PermanentFailure: it will never be there.
            ChannelUnavailable: nothing else will be there either.
            DeliveryUnknown: no telling.

        """
        ...

    async def find(
        self,
        channel: Channel,
        token: str,
        since: datetime,
        thread: MessageRef | None,
        searched_to: str | None,
    ) -> MessageRef | None:
        """Look for a message with this token, sent at `since` or later.

        `searched_to` is the cursor with which the last look ended before it was through.

        Raises:
            SearchUnfinished: it is not in the part that could be looked through.
            DeliveryError: the platform could not be asked, so there is still no telling.

        """
        ...

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        """Say something to one person alone, by the platform's ids.

        Raises:
            DeliveryError: it could not be said.

        """
        ...

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Redraw a message that the bot has posted, or the preview of a card's `link` in somebody's message.

        Raises:
            NotSent: it could not be redrawn now. PermanentFailure: it is gone. DeliveryUnknown: no telling.

        """
        ...
