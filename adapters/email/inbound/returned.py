"""Mails that come back: reports that one could not be delivered (RFC 3464), and complaints (RFC 5965).

Whoever can write to the address to which they come can send anything. So a report counts only if it names
one of our mailboxes in a way that nobody else could: by the signed address that it was returned to, or by
the Message-ID of a post, whose token nobody could guess.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.parser import HeaderParser
from enum import StrEnum

from adapters.email.addresses import is_no_mailbox
from adapters.email.limits import RETURNED_BYTES
from bot.domain.cleaning import clean_text
from bot.protocol.wording import shortened

_MOST_PARTS = 50
_SHOWN = 200
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_MESSAGE_ID = re.compile(r"<([A-Za-z0-9_-]{1,25})@[^<>\s]{1,255}>")
_STATUS = re.compile(r"\s*(\d\.\d{1,3}\.\d{1,3})(?!\S)")


class Kind(StrEnum):
    """What came back."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    OTHER = "other"
    """Nothing that ends mails: a delay, a success, a refusal of the mail or of us, or no report at all."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A returned mail, as it says of itself."""

    kind: Kind
    recipients: tuple[str, ...] = ()
    """The addresses to which it was returned; ours are signed."""
    tokens: tuple[str, ...] = ()
    """The first parts of the Message-IDs in what it quotes of the mail that was sent."""
    why: str = ""


def read_returned(raw: bytes, recipient: str = "") -> Returned:
    """Read a mail that came back; `recipient` is the address to which, where the relay says so.

    Of a long mail only the first megabyte is read. What is malformed is OTHER: this never raises.
    """
    try:
        # The old policy reads headers as they are. The new one parses each, and stumbles over some.
        message = message_from_bytes(raw[:RETURNED_BYTES], policy=policy.compat32)
        parts = _parts(message)
    except RecursionError:  # thousands of parts inside each other
        return Returned(Kind.OTHER)
    kind, why = _kind(message, parts)
    if kind is Kind.OTHER:
        return Returned(kind)
    given = [recipient, *(str(value) for name in _TO for value in message.get_all(name, []))]
    return Returned(kind, tuple(filter(None, given)), tuple(_tokens(parts)), why)


def _parts(message: Message) -> list[Message]:
    found = []
    for part in message.walk():
        found.append(part)
        if len(found) == _MOST_PARTS:
            break
    return found


def _kind(message: Message, parts: Sequence[Message]) -> tuple[Kind, str]:
    report = str(message.get_param("report-type", "")).lower()
    if message.get_content_type() != "multipart/report":
        return Kind.OTHER, ""
    if report == "feedback-report":
        feedback = next(
            (each for each in parts if each.get_content_type() == "message/feedback-report"), None
        )
        # `not-spam` is the one type of feedback that is no complaint.
        what = _fields(feedback).get("feedback-type", "") if feedback is not None else ""
        if what and what.lower() != "not-spam":
            return Kind.COMPLAINT, f"its reader complained ({_shown(what)})"
    if report == "delivery-status":
        for fields in _statuses(parts):
            if fields.get("action", "").lower() == "failed" and _is_gone(fields):
                said = fields.get("diagnostic-code", "") or fields["status"]
                return Kind.BOUNCE, f"a mail came back: {_shown(said)}"
    return Kind.OTHER, ""


def _is_gone(fields: Mapping[str, str]) -> bool:
    """Whether the mailbox is not there.

    A full mailbox may be emptied, and a relay that is on a blocklist must not end every mailbox.
    """
    status = _STATUS.match(fields.get("status", ""))
    return status is not None and is_no_mailbox(status[1])


def _statuses(parts: Sequence[Message]) -> Iterator[dict[str, str]]:
    """Return the fields of each recipient in a delivery status. Python reads them as parts of their own."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list):
            for block in part.get_payload():
                if isinstance(block, Message):
                    yield {name.lower(): str(value) for name, value in block.items()}


def _fields(part: Message) -> dict[str, str]:
    """Return the fields of a feedback report, which Python takes for text or for a mail in a mail."""
    content = part.get_payload()
    inner = content[0] if isinstance(content, list) and content else None
    if isinstance(inner, Message) and inner.items():
        return {name.lower(): str(value) for name, value in inner.items()}
    return {name.lower(): str(value) for name, value in HeaderParser().parsestr(_text(part)).items()}


def _tokens(parts: Sequence[Message]) -> Iterator[str]:
    """Return the Message-IDs of what is quoted: a whole mail, or its headers."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            quoted = [HeaderParser().parsestr(_text(part))]
        elif part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
            quoted = [each for each in part.get_payload() if isinstance(each, Message)]
        else:
            continue
        for each in quoted:
            yield from (found[1] for found in _MESSAGE_ID.finditer(str(each.get("Message-ID", ""))))


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(part.get_payload())


def _shown(text: str) -> str:
    return shortened(" ".join(clean_text(text).split()), _SHOWN)
