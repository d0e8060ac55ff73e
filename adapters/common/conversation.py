"""Conversations that no platform carries."""

import asyncio
import logging

from bot.domain.message import Ephemeral, MessageRef
from bot.protocol.replies import Notice, Reply, Tone

_log = logging.getLogger(__name__)


class NullConversation:
    """Shows replies to nobody; for events that change something but get no answer, such as a vote."""

    def __init__(self) -> None:
        self.acked = asyncio.Event()
        """Set once what the event changes is stored, so the platform may be told that it arrived."""

    async def ack(self) -> None:
        """Allow the acknowledgement."""
        self.acked.set()

    async def working(self, text: str) -> None:
        """Do nothing: nobody waits."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - the port's
        """Log an error, as there is nobody to show it to; drop everything else."""
        if isinstance(reply, Notice) and reply.tone is Tone.ERROR:
            _log.warning("An error that nobody is shown: %s", reply.text)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """Do nothing: there is no message to redraw."""


class CollectedReplies:
    """Keeps what the bot replies, for a caller who waits for it, as a web page or a tool does."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        """In order. A crash or a mistake comes as a Notice whose tone is ERROR."""

    async def ack(self) -> None:
        """Do nothing: the caller waits for the reply itself."""

    async def working(self, text: str) -> None:
        """Do nothing, as above."""

    async def reply(self, reply: Reply, *, private: bool) -> MessageRef | Ephemeral:  # noqa: ARG002 - one reader
        """Keep a reply. It is no message that others see."""
        self.replies.append(reply)
        return Ephemeral()

    async def replace(self, reply: Reply) -> None:
        """Keep what takes the place of an earlier reply."""
        self.replies.append(reply)
