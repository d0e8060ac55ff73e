"""Where answers and posts go."""

from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.channel import Channel, Platform
from bot.domain.message import Ephemeral, MessageRef
from bot.ports.clock import PlatformTime
from bot.protocol.replies import Reply


class Conversation(Protocol):
    """Where the answers to one event go. The adapter picks how.

    Methods raise a DeliveryError if the platform does not accept an answer, as `Surface.send` says.
    """

    async def ack(self) -> None:
        """Tell the platform not to send the event again. Calling it twice does nothing more.

        Call it only after the changes are stored: an event that was acknowledged and lost never comes back.
        """
        ...

    async def working(self, text: str) -> None:
        """Tell the person that the answer takes a moment."""
        ...

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:
        """Answer, privately to the person or visibly to the whole channel.

        Returns the message. For a reply that is drawn into the person's own message, such as link previews,
        it is that message.
        """
        ...

    async def replace(self, reply: Reply) -> None:
        """Replace the message whose button was pressed."""
        ...


class Surface(Protocol):
    """A platform that the bot can post to on its own."""

    @property
    def platform(self) -> Platform: ...

    @property
    def post_interval(self) -> timedelta:
        """The least time from one post in a channel to the next, as the platform's limits ask."""
        ...

    @property
    def own_clock(self) -> PlatformTime | None:
        """The platform's clock, None if it has none and our clock counts."""
        ...

    @property
    def shared_ids(self) -> bool:
        """Whether a person has the same id in every workspace of the platform."""
        ...

    @property
    def single_posts(self) -> bool:
        """Whether a digest is one post with its papers in it, as in a mail, whatever the channel's layout."""
        ...

    @property
    def max_resends(self) -> int | None:
        """How often a post without an answer is sent again under its token; None if `find` can look for it.

        A number is for a platform that cannot be asked. The post may then arrive as often, and once more.
        """
        ...

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:
        """Return the ids of the workspace's channels that both the person and the bot may read.

        Direct messages are not among them.

        Raises:
            DeliveryError: the platform does not say.

        """
        ...

    async def is_member(self, workspace: str, person: str) -> bool:
        """Whether the person is in the workspace now, whichever channels they may read.

        Raises:
            DeliveryError: the platform does not say.

        """
        ...

    async def message_link(self, channel: Channel, message: MessageRef) -> str:
        """Return the web address of a message; empty if there is none, or it is not known now."""
        ...

    async def ping(self) -> None:
        """Make a small request, from whose answer `own_clock` learns the platform's time.

        Raises:
            DeliveryError: the platform did not answer.

        """
        ...

    async def send(self, channel: Channel, reply: Reply, token: str, thread: MessageRef | None) -> MessageRef:
        """Post to a channel, or in the thread under a message. `find` can look for the token later.

        Raises:
            NotSent: the message did not arrive. It may be tried again.
            PermanentFailure: this message will never be accepted.
            ChannelUnavailable: the channel accepts nothing any more.
            DeliveryUnknown: the message may have arrived or not.

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
        """Look for a message with this token, sent at `since` or later. None if it is certainly not there.

        `searched_to` is the cursor at which the last, unfinished search stopped.

        Raises:
            SearchUnfinished: it is not in the part that was searched.
            DeliveryError: the platform could not be asked, so it is still unknown.

        """
        ...

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        """Send something to one person alone. `workspace` and `person` are the platform's ids.

        Raises:
            DeliveryError: it could not be sent.

        """
        ...

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:
        """Update a message of the bot, or the preview of a card's `link` in a person's message.

        Raises:
            NotSent: it could not be updated now.
            PermanentFailure: the message is gone.
            DeliveryUnknown: it may have been updated or not.

        """
        ...
