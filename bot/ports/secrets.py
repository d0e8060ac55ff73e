"""Encryption and signatures."""

from datetime import datetime, timedelta
from typing import Protocol


class Secrets(Protocol):
    """Keeping tokens so that who reads the database cannot use them."""

    def encrypt(self, secret: str) -> bytes:
        """Make it unreadable."""
        ...

    def decrypt(self, kept: bytes, workspace: str) -> str:
        """Make it readable again.

        Raises:
            UserError: no key opens it; the text names the workspace that has to install the bot again.

        """
        ...


class Signer(Protocol):
    """Texts that show by themselves that we made them, for what purpose and when, so that none is stored."""

    def sign(self, purpose: str, at: datetime) -> str:
        """Make one, which nobody can guess or change; letters, digits, `-` and `_`."""
        ...

    def verify(self, seal: str, purpose: str, at: datetime, lasts: timedelta) -> bool:
        """Whether a text is one of ours for this purpose, and not older than it lasts."""
        ...
