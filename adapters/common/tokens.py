"""What tokens look like, so that one in another's place is told before anybody is asked."""

import re

from bot.domain.errors import DeliveryError, UserError


class TokenRefused(UserError):
    """A platform does not take a token; the text names the setting, `code` is the platform's own word."""

    def __init__(self, text: str, code: str = "") -> None:
        """Say what to set, and what the platform answered."""
        super().__init__(text)
        self.code = code


class Unreachable(UserError):
    """A platform does not answer; the text names the setting that holds its address."""


def unreachable(failure: DeliveryError, address: str, setting: str) -> str:
    """Say that a platform does not answer, and what may be the reason."""
    return (
        f"{str(failure).rstrip('.')}. Check that {address} is reached from here, through a firewall or proxy "
        f"as well, and that {setting} is right."
    )


DISCORD_TOKEN = "a token of Discord"  # noqa: S105 - a kind of token, and none
_KINDS = (
    (re.compile("xoxb-"), "a bot's token of Slack"),
    (re.compile("xapp-"), "an app-level token of Slack"),
    (re.compile("xoxp-"), "a person's token of Slack"),
    (re.compile("xoxe[.-]"), "a token of Slack that expires, as token rotation is on in the app"),
    (re.compile("hf_"), "a token of Hugging Face"),
    (re.compile(r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}$"), DISCORD_TOKEN),
)
"""What a token begins with: https://docs.slack.dev/authentication/tokens."""
_PRINTABLE = re.compile("[!-~]*")


def check_token(setting: str, token: str, prefix: str, where: str) -> None:
    """Check that a token begins as the tokens that a setting takes.

    Raises:
        UserError: it does not; the text says what it is and where the right one is found, without the token.

    """
    if token and not (token.startswith(prefix) and _PRINTABLE.fullmatch(token)):
        raise UserError(
            f"{setting} holds {_kind_of(token)}. It takes the one that begins with {prefix}, {where}."
        )


def check_other_secret(setting: str, secret: str, where: str, own: str = "") -> None:
    """Check that a secret is no other setting's; `own` is its own kind, where it has a form.

    Raises:
        UserError: it is.

    """
    kind = _kind_of(secret, default="")
    if kind not in {"", own}:
        raise UserError(f"{setting} holds {kind}. It takes {where}.")


def _kind_of(secret: str, default: str = "something else") -> str:
    if secret.startswith("Bot "):
        return "the word “Bot” before the token"
    if not _PRINTABLE.fullmatch(secret):
        return "spaces or signs that no token has"
    return next((kind for form, kind in _KINDS if form.match(secret)), default)
