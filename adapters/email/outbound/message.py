"""A mail as bytes: its headers, its text and its HTML."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from adapters.email.addresses import Sender
from adapters.email.render.parts import Link, Part, Prose, as_text, mail_page
from adapters.email.render.replies import Content

_STOP = "Unsubscribe from these mails"
_UNLINK = "Unlink this address from your account"
_WHY = "You get this because this address asked for it."


@dataclass(frozen=True, slots=True)
class Envelope:
    """To whom a mail goes, and under which name."""

    recipient: str
    token: str
    at: datetime
    stop: str = ""
    """The link that ends the mails; empty for a mail that was asked for by itself, such as a confirmation."""
    unlink: str = ""
    """The link that takes the address out of its owner's account."""

    def message_id(self, sender: Sender) -> str:
        """Return the Message-ID, the same whenever the mail is sent again."""
        return f"<{self.token}@{sender.domain}>"


def mail(content: Content, envelope: Envelope, sender: Sender) -> bytes:
    """Return a mail, in ASCII alone, as not every server takes more."""
    parts = (*content.parts, *_footer(envelope))
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=envelope.recipient)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(envelope.at)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(parts), cte="quoted-printable")
    message.add_alternative(mail_page(content.subject, parts), subtype="html", cte="quoted-printable")
    return _own_headers(envelope, sender) + message.as_bytes()


def _own_headers(envelope: Envelope, sender: Sender) -> bytes:
    """Write headers whose values are ours and long: Python would fold a link, or encode it."""
    lines = [f"Message-ID: {envelope.message_id(sender)}"]
    if envelope.stop:
        lines += [
            f"List-Id: <papers.{sender.domain}>",
            f"List-Unsubscribe: <{envelope.stop}>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Precedence: bulk",
        ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _footer(envelope: Envelope) -> tuple[Part, ...]:
    if not envelope.stop:
        return ()
    unlink = [Link(_UNLINK, envelope.unlink)] if envelope.unlink else []
    return Prose(_WHY, dim=True), Link(_STOP, envelope.stop), *unlink
