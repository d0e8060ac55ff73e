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

    async def is_member(self, workspace: str, person: str) -> bool:
        """Whether a mailbox has a team of its own. One that gets another team's papers proves nothing."""
        ...

    async def ask(self, request: MailboxRequest, token: str, *, again: bool = False) -> None:
        """Send the address a link with which its owner confirms that they want the papers.

        The token names the mail. Sent `again` under it, the mail counts as the same one.

        Raises:
            UserError: the address got too many of these today.
            DeliveryError: the mail could not be sent.

        """
        ...
