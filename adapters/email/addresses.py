"""The bot's own addresses: the sender, and where mail servers return what they cannot deliver."""

import re
from dataclasses import dataclass
from email.utils import parseaddr

from adapters.common.setup import TokenSecrets
from bot.domain.cleaning import clean_text
from bot.domain.errors import UserError
from bot.domain.mailbox import mail_address

_RETURN_TAG = re.compile(r"\+([0-9]{1,19})-([a-z2-7]{16})@")
_NO_MAILBOX = re.compile(r"5\.1\.(?:1|2|3|6|10)|5\.2\.1")
"""Enhanced codes that speak of the mailbox, not of the mail or of us: RFC 3463."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the bot's mails are from."""

    name: str
    address: str
    bounces: str
    """Where undeliverable mails are returned to, before the mailbox's tag is put in."""

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.address.rpartition("@")[2]

    def return_path(self, channel_id: int, secrets: TokenSecrets) -> str:
        """Return the address to which a mailbox's undeliverable mails are returned. It is signed."""
        local, _, domain = self.bounces.rpartition("@")
        return f"{local}+{channel_id}-{secrets.tag(_returned(channel_id))}@{domain}"


def sender_of(mail_from: str, bounces: str) -> Sender:
    """Read the settings of the sender.

    Raises:
        UserError: they hold no address.

    """
    name, address = parseaddr(mail_from)
    try:
        sender = mail_address(address)
    except ValueError:
        raise UserError(
            "PAPERCLUB_MAIL_FROM is no mail address. It takes one such as `Paperclub <papers@example.org>`."
        ) from None
    try:
        return Sender(clean_text(name) or "Paperclub", sender, mail_address(bounces) if bounces else sender)
    except ValueError:
        raise UserError("PAPERCLUB_MAIL_BOUNCES is no mail address.") from None


def returned_for(recipient: str, secrets: TokenSecrets) -> int | None:
    """Return the id of the channel whose mail was returned to this address; None if we did not make it."""
    found = _RETURN_TAG.search(recipient.lower())
    if found is None:
        return None
    channel_id = int(found[1])
    return channel_id if secrets.has_tag(_returned(channel_id), found[2]) else None


def is_no_mailbox(status: str) -> bool:
    """Whether an enhanced status code, such as 5.1.1, says that there is no such mailbox, or no longer."""
    return _NO_MAILBOX.fullmatch(status) is not None


def _returned(channel_id: int) -> str:
    return f"returned mail of channel {channel_id}"
