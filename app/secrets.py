"""Encrypts tokens and signs links, with the keys in PAPERCLUB_SECRET_KEY."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_bytes

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from app.settings import Settings
from bot.domain.errors import UserError

_KEY_HELP = (
    "Make a key with\n"
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"\n'
    "and set PAPERCLUB_SECRET_KEY to it, the same one wherever Paperclub runs on this database."
)

_SIGNED_PREFIX = b"seal:"
"""How a signed text begins once decrypted. No platform's token does, so neither passes for the other."""
_MAX_SIGNED_LENGTH = 512


class FernetSecrets:
    """Encrypts with the first key, decrypts with any of them."""

    def __init__(self, keys: SecretStr) -> None:
        """Parse the keys, which commas separate.

        Raises:
            UserError: there is no key, or one is not in the form of a key.

        """
        given = [key for each in keys.get_secret_value().split(",") if (key := each.strip())]
        if not given:
            raise UserError(f"PAPERCLUB_SECRET_KEY is empty, and without a key no token is kept. {_KEY_HELP}")
        self._taggers = [hmac.new(key.encode(), b"tag:", hashlib.sha256) for key in given]
        try:
            self._keys = MultiFernet([Fernet(key) for key in given])
        except ValueError:
            raise UserError(f"PAPERCLUB_SECRET_KEY holds something that is not a key. {_KEY_HELP}") from None

    def encrypt(self, secret: str) -> bytes:
        """Encrypt a secret with the first key."""
        return self._keys.encrypt(secret.encode())

    def decrypt(self, kept: bytes, workspace: str) -> str:
        """Decrypt what `encrypt` returned.

        Raises:
            UserError: no key fits. The text names the workspace, which has to install the bot again.

        """
        try:
            return self._keys.decrypt(kept).decode()
        except InvalidToken:
            raise UserError(
                f"No key in PAPERCLUB_SECRET_KEY opens the token of the workspace {workspace}. "
                "Add the key that it was kept with, or install Paperclub there again."
            ) from None

    def sign(self, purpose: str, at: datetime) -> str:
        """Return a text that nobody can guess or change, of letters, digits, `-` and `_`."""
        content = _SIGNED_PREFIX + purpose.encode() + b":" + token_bytes(16)
        # Without the padding: web addresses and cookies would have to escape its `=`.
        return self._keys.encrypt_at_time(content, int(at.timestamp())).decode().rstrip("=")

    def verify(self, seal: str, purpose: str, at: datetime, lasts: timedelta) -> bool:
        """Whether we signed this text for this purpose, at most `lasts` ago."""
        if len(seal) > _MAX_SIGNED_LENGTH or not seal.isascii():
            return False
        padded = seal + "=" * (-len(seal) % 4)
        try:
            content = self._keys.decrypt_at_time(padded, int(lasts.total_seconds()), int(at.timestamp()))
        except InvalidToken:
            return False
        return content.startswith(_SIGNED_PREFIX + purpose.encode() + b":")

    def tag(self, text: str) -> str:
        """Make 80 bits that nobody else can make, in signs that mail servers leave as they are."""
        return _tag(self._taggers[0], text)

    def has_tag(self, text: str, tag: str) -> bool:
        """Whether a tag was made with any of the keys."""
        return any(hmac.compare_digest(_tag(each, text).encode(), tag.encode()) for each in self._taggers)


def _tag(tagger: hmac.HMAC, text: str) -> str:
    of_text = tagger.copy()
    of_text.update(text.encode())
    return base64.b32encode(of_text.digest()[:10]).decode().lower()


def secrets_of(settings: Settings) -> Callable[[], FernetSecrets]:
    """Return a function that reads the keys from the settings when it is called, and not before."""
    return lambda: FernetSecrets(settings.secret_key)
