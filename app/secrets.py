"""Tokens under lock and key: the keys are those of PAPERCLUB_SECRET_KEY."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from bot.errors import UserError

_MAKE_ONE = (
    "Make a key with\n"
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"\n'
    "and set PAPERCLUB_SECRET_KEY to it, the same one wherever Paperclub runs on this database."
)


class FernetSecrets:
    """Encrypts with the first key, decrypts with any of them."""

    def __init__(self, keys: SecretStr) -> None:
        """Take keys, separated by commas.

        Raises:
            UserError: there is none, or one of them is no key.

        """
        given = [key for each in keys.get_secret_value().split(",") if (key := each.strip())]
        if not given:
            raise UserError(f"PAPERCLUB_SECRET_KEY is empty, and without a key no token is kept. {_MAKE_ONE}")
        try:
            self._keys = MultiFernet([Fernet(key) for key in given])
        except ValueError:
            raise UserError(f"PAPERCLUB_SECRET_KEY holds something that is not a key. {_MAKE_ONE}") from None

    def encrypt(self, secret: str) -> bytes:
        """Make it unreadable."""
        return self._keys.encrypt(secret.encode())

    def decrypt(self, kept: bytes, workspace: str) -> str:
        """Make it readable again.

        Raises:
            UserError: no key opens it.

        """
        try:
            return self._keys.decrypt(kept).decode()
        except InvalidToken:
            raise UserError(
                f"No key in PAPERCLUB_SECRET_KEY opens the token of the workspace {workspace}. "
                "Add the key that it was kept with, or install Paperclub there again."
            ) from None
