"""Mail addresses, and the wish to get papers at one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.account import Identity

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST, _LONGEST_LOCAL = 254, 64


def mail_address(text: str) -> str:
    """Return a mail address in the one form that we keep: in small letters, its domain in ASCII.

    Raises:
        ValueError: it is none, or the part before the @ has letters beyond ASCII.

    """
    local, _, domain = text.strip().lower().rpartition("@")
    try:
        labels = domain.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        raise ValueError("it is no mail address") from None
    address = f"{local}@{'.'.join(labels)}"
    known = _LOCAL.fullmatch(local) and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))
    if not known or len(local) > _LONGEST_LOCAL or len(address) > _LONGEST:
        raise ValueError("it is no mail address")
    return address


@dataclass(frozen=True, slots=True)
class MailboxRequest:
    """Somebody's wish that papers are sent to a mail address. Its owner has to confirm it."""

    address: str
    topics: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    """Further arguments of `subscribe`, the same for each topic."""
    trending: bool = False
    """Whether what trends in the team is wanted, too."""
    team_id: int | None = None
    """The team whose papers they are; None for a team of its own."""
    asked_by: Identity | None = None
    """Who asked in chat. Whoever confirms the address is linked with them."""
