"""Mailboxes, which get papers once their owners have confirmed it."""

from typing import Protocol, runtime_checkable

from bot.domain.channel import Platform
from bot.domain.mailbox import MailboxRequest


@runtime_checkable
class Mailboxes(Protocol):
    """A surface that can write to any mail address."""

    @property
    def platform(self) -> Platform:
        """The platform whose people are known by their addresses."""
        ...

    async def ask(self, request: MailboxRequest) -> None:
        """Send the address a link with which its owner confirms that they want the papers.

        Raises:
            UserError: the address got too many of these today.
            DeliveryError: the mail could not be sent.

        """
        ...
