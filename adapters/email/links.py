"""The signed links of mails. All that a link does is inside it, encrypted, so nothing of it is stored."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property

from adapters.common.setup import TokenSecrets
from adapters.email.limits import ANSWER_LASTS, CONFIRM_LASTS, SIGN_IN_LASTS, STOP_LASTS
from bot.domain.errors import UserError
from bot.domain.vote import Vote
from bot.ports.clock import Clock

_MARK = "link:"
"""What a link's content begins with, and no platform's token does."""
_LONGEST = 6000
"""Characters of a link's seal. Proxies refuse a longer line of a request, often at 8 KB."""


class Purpose(StrEnum):
    """What a link is for."""

    CONFIRM = "confirm"
    STOP = "stop"
    VOTE = "vote"
    SAVE = "save"
    UNLINK = "unlink"
    SIGN_IN = "sign-in"


_LASTS: Mapping[Purpose, timedelta] = {
    Purpose.CONFIRM: CONFIRM_LASTS,
    Purpose.STOP: STOP_LASTS,
    Purpose.VOTE: ANSWER_LASTS,
    Purpose.SAVE: ANSWER_LASTS,
    Purpose.UNLINK: STOP_LASTS,
    Purpose.SIGN_IN: SIGN_IN_LASTS,
}


class Links:
    """Makes links and reads them."""

    def __init__(self, public_url: str, secrets: TokenSecrets, clock: Clock) -> None:
        self._public_url = public_url.rstrip("/")
        self._secrets = secrets
        self._clock = clock

    def address(self, purpose: Purpose, content: Mapping[str, str]) -> str:
        """Return the web address of a link with this content."""
        return f"{self._public_url}/mail/{purpose}/{self.seal(purpose, content)}"

    def seal(self, purpose: Purpose, content: Mapping[str, str]) -> str:
        """Return the part of a link that nobody else can make, read or change.

        Raises:
            UserError: the content is too long for a link.

        """
        now = int(self._clock.now().timestamp())
        text = json.dumps({"purpose": purpose, "at": now, "content": dict(content)}, ensure_ascii=False)
        seal = self._secrets.encrypt(_MARK + text).decode().rstrip("=")
        if len(seal) > _LONGEST:
            raise UserError("That's too long for the link of a mail. Name one topic, with `topic:TOPIC`.")
        return seal

    def read(self, purpose: Purpose, seal: str) -> dict[str, str]:
        """Return the content of a link.

        Raises:
            UserError: we did not make it for this purpose, or it has expired.

        """
        known = self._opened(seal)
        if known is None or known.purpose != purpose:
            raise UserError("This link isn't one of ours. Was it cut off? Copy all of it from the mail.")
        if self._clock.now().timestamp() - known.at > _LASTS[purpose].total_seconds():
            # Sign-in has no later mail that would bring another link by itself.
            another = "Ask for a new one." if purpose is Purpose.SIGN_IN else "The latest mail has a new one."
            raise UserError(f"This link has expired. {another}")
        return known.content

    def _opened(self, seal: str) -> "_Opened | None":
        padded = seal + "=" * (-len(seal) % 4)
        if len(seal) > _LONGEST or not seal.isascii():
            return None
        try:
            # Decoding drops odd characters and spare bits. Without this, a link could be changed in them.
            canonical = base64.urlsafe_b64encode(base64.urlsafe_b64decode(padded)).decode() == padded
            text = self._secrets.decrypt(padded.encode(), "mail") if canonical else ""
        except (binascii.Error, UserError, UnicodeDecodeError):
            return None
        return _Opened(**json.loads(text.removeprefix(_MARK))) if text.startswith(_MARK) else None


@dataclass(frozen=True, slots=True)
class _Opened:
    """What stands in a link of ours."""

    purpose: str
    at: int
    content: dict[str, str]


@dataclass(frozen=True)
class MailboxLinks:
    """The links in one mailbox's mails."""

    links: Links
    workspace: str
    mailbox: str

    def vote(self, paper_id: int, value: Vote) -> str:
        """Return the link that votes."""
        content = self._owner | {"paper": str(paper_id), "value": value.name.lower()}
        return self.links.address(Purpose.VOTE, content)

    def save(self, paper_id: int) -> str:
        """Return the link that saves a paper."""
        return self.links.address(Purpose.SAVE, self._owner | {"paper": str(paper_id)})

    @cached_property
    def stop(self) -> str:
        """The link that ends the mails, the same in a mail's header and text."""
        return self.links.address(Purpose.STOP, self._owner)

    @property
    def unlink(self) -> str:
        """The link that takes the address out of its owner's account."""
        return self.links.address(Purpose.UNLINK, self._owner)

    @property
    def _owner(self) -> dict[str, str]:
        return {"workspace": self.workspace, "address": self.mailbox}
