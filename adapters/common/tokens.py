"""Recognises tokens by their form, so that one in the wrong setting is reported before any call."""

import re

from bot.domain.errors import DeliveryError, UserError


class TokenRefused(UserError):
    """A platform refuses a token. The text names the setting; `code` is the platform's error code."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Unreachable(UserError):
    """A platform does not answer. The text names the setting with its address."""


def unreachable(failure: DeliveryError, address: str, setting: str) -> str:
    """Return an error text: the platform does not answer, and what to check."""
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
"""The forms of tokens. Slack's: https://docs.slack.dev/authentication/tokens."""
_PRINTABLE = re.compile("[!-~]*")


def check_token(setting: str, token: str, prefix: str, where: str) -> None:
    """Check that a token has the prefix of the tokens that a setting takes.

    Raises:
        UserError: it has another. The text says which kind and where to find the right one, not the token.

    """
    if token and not (token.startswith(prefix) and _PRINTABLE.fullmatch(token)):
        raise UserError(
            f"{setting} holds {_kind_of(token)}. It takes the one that begins with {prefix}, {where}."
        )


def check_other_secret(setting: str, secret: str, where: str, own: str = "") -> None:
    """Check that a secret is not of another setting's kind; `own` is its own, if that has a form.

    Raises:
        UserError: it is of another kind.

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
