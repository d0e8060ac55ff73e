"""Puts commands to the bot on behalf of whoever reads the page."""

from collections.abc import Awaitable, Callable, Mapping

from adapters.common.conversation import CollectedReplies
from bot.domain.channel import Origin
from bot.ports.surface import Conversation
from bot.protocol.events import CommandInvoked, Event
from bot.protocol.replies import Reply

Receive = Callable[[Event, Conversation], Awaitable[None]]
"""`Bot.receive`."""


async def ask(
    receive: Receive, origin: Origin, command: str, arguments: str | Mapping[str, str] = ""
) -> Reply:
    """Return the bot's reply to a command. A mistake or a crash comes as a Notice whose tone is ERROR."""
    conversation = CollectedReplies()
    event = CommandInvoked(origin=origin, name=command, arguments=arguments, turns_pages=True)
    await receive(event, conversation)
    return conversation.replies[-1]
