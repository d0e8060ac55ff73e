"""Encryption and signatures."""

from datetime import datetime, timedelta
from typing import Protocol


class Secrets(Protocol):
    """Encrypts tokens, so that a copy of the database is not enough to use them."""

    def encrypt(self, secret: str) -> bytes:
        """Encrypt a secret."""
        ...

    def decrypt(self, kept: bytes, workspace: str) -> str:
        """Decrypt what `encrypt` returned.

        Raises:
            UserError: no key fits. The text names the workspace, which has to install the bot again.

        """
        ...


class Signer(Protocol):
    """Signs texts with their purpose and time, so that links need no row in the database."""

    def sign(self, purpose: str, at: datetime) -> str:
        """Return a text that nobody can guess or change, of letters, digits, `-` and `_`."""
        ...

    def verify(self, seal: str, purpose: str, at: datetime, lasts: timedelta) -> bool:
        """Whether we signed this text for this purpose, at most `lasts` ago."""
        ...

    def tag(self, text: str) -> str:
        """Return 16 small letters and digits that nobody else can make for this text. They never expire."""
        ...

    def has_tag(self, text: str, tag: str) -> bool:
        """Whether we made this tag for this text."""
        ...
