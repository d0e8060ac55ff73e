"""Conversations whose replies go to no platform: they are dropped, or collected for the caller."""

import asyncio
import logging

from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Notice, Reply, Tone

_log = logging.getLogger(__name__)


class NullConversation:
    """Drops replies. For events that change something but get no answer, such as a vote."""

    def __init__(self) -> None:
        self.acked = asyncio.Event()
        """Set as soon as the event's changes are stored, so that the platform need not deliver it again."""

    async def ack(self) -> None:
        """Let whoever waits for `acked` acknowledge the event."""
        self.acked.set()

    async def working(self, text: str) -> None:
        """Do nothing: nobody waits for an answer."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - `Conversation` asks for it
        """Log an error, because nobody would read it. Drop every other reply."""
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            _log.warning("An event failed, and nobody was told: %s", reply.text)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """Do nothing: there is no message to redraw."""


class CollectedReplies:
    """Collects the bot's replies for a caller that waits for them, such as a web page or a tool."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        """All replies, in order. If the command fails or crashes, a Notice with Tone.ERROR is among them."""

    async def ack(self) -> None:
        """Do nothing: the caller waits for the reply itself."""

    async def working(self, text: str) -> None:
        """Do nothing: the caller waits for the reply itself."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - the caller is the only reader
        """Keep a reply. It becomes no message on a platform, so the result is Ephemeral."""
        self.replies.append(reply)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """Keep the reply that replaces an earlier one. The earlier one stays in the list."""
        self.replies.append(reply)
