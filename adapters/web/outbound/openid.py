"""Asks Slack or Discord who somebody is, by the authorization code that the browser brought back."""

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from pydantic import SecretStr

from adapters.web.settings import WebSettings
from bot.domain.channel import Platform
from bot.domain.cleaning import clean_text
from bot.domain.errors import UserError

SECONDS = 10.0
_log = logging.getLogger(__name__)


class _Unconfirmed(Exception):
    """The platform's answer does not say who it is, or is not about this sign-in."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as a platform's user information names them."""

    workspace: str
    person: str
    name: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A platform that tells who somebody is. With `signed` it sends an id token that holds our nonce."""

    platform: Platform
    label: str
    client_id: str
    client_secret: SecretStr
    authorize_url: str
    token_url: str
    user_url: str
    scope: str
    signed: bool
    read: Callable[[Mapping[str, Any]], Named]

    def address(self, redirect: str, state: str, nonce: str, challenge: str) -> str:
        """Return where the browser goes to ask its person."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "scope": self.scope,
            "redirect_uri": redirect,
            "state": state,
        }
        proof = (
            {"nonce": nonce}
            if self.signed
            else {"code_challenge": challenge, "code_challenge_method": "S256"}
        )
        return f"{self.authorize_url}?{urlencode(asked | proof)}"


def providers(settings: WebSettings) -> list[Provider]:
    """Return the platforms that the operator has set up for signing in."""
    slack, discord = settings.web_slack_url.rstrip("/"), settings.web_discord_url.rstrip("/")
    known = (
        Provider(
            Platform("slack"),
            "Slack",
            settings.web_slack_client_id,
            settings.web_slack_client_secret,
            f"{slack}/openid/connect/authorize",
            f"{slack}/api/openid.connect.token",
            f"{slack}/api/openid.connect.userInfo",
            "openid profile",
            signed=True,
            read=_slack,
        ),
        Provider(
            Platform("discord"),
            "Discord",
            settings.web_discord_client_id,
            settings.web_discord_client_secret,
            f"{discord}/oauth2/authorize",
            f"{discord}/api/oauth2/token",
            f"{discord}/api/users/@me",
            "identify",
            signed=False,
            read=_discord,
        ),
    )
    return [each for each in known if each.client_id and each.client_secret.get_secret_value()]


async def identify(provider: Provider, code: str, redirect: str, nonce: str, verifier: str) -> Named:
    """Return who the code's owner is. Their ids come from the platform alone, never from the browser.

    Raises:
        UserError: the platform does not confirm the code, or not for this sign-in.

    """
    if not code:
        # Whoever says no at the platform comes back without one.
        raise UserError(f"{provider.label} didn't sign you in. Try again, or sign in with a code.")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret.get_secret_value(),
    } | ({} if provider.signed else {"code_verifier": verifier})
    try:
        async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
            answer = _object(await client.post(provider.token_url, data=form))
            bearer = {"Authorization": f"Bearer {_text(answer, 'access_token')}"}
            user = _object(await client.get(provider.user_url, headers=bearer))
        if provider.signed:
            _check(_claims(_text(answer, "id_token")), provider, nonce, _text(user, "sub"))
        return provider.read(user)
    except (httpx.HTTPError, httpx.InvalidURL, _Unconfirmed) as failure:
        # Its text holds neither the code nor a token: a proxy's error names the address alone.
        _log.warning("%s did not confirm a sign-in: %s", provider.label, type(failure).__name__)
        raise UserError(
            f"{provider.label} didn't confirm who you are. Try again, or sign in with a code."
        ) from None


def _object(response: httpx.Response) -> Mapping[str, Any]:
    if response.status_code != httpx.codes.OK:
        raise _Unconfirmed(response.status_code)
    try:
        answer = response.json()
    except ValueError:
        raise _Unconfirmed("no JSON") from None
    if not isinstance(answer, dict) or answer.get("ok") is False:
        raise _Unconfirmed("refused")
    return answer


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise _Unconfirmed(name)
    return value


def _claims(token: str) -> Mapping[str, Any]:
    """Read an id token. It came from the platform itself over TLS, which stands for its signature."""
    try:
        _, body, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        raise _Unconfirmed("id_token") from None
    if not isinstance(claims, dict):
        raise _Unconfirmed("id_token")
    return claims


def _check(claims: Mapping[str, Any], provider: Provider, nonce: str, person: str) -> None:
    """Refuse a token of another sign-in, another app or another person."""
    audience = claims.get("aud")
    ours = provider.client_id in audience if isinstance(audience, list) else audience == provider.client_id
    if not ours or claims.get("nonce") != nonce or claims.get("sub") != person:
        raise _Unconfirmed("claims")


def _slack(user: Mapping[str, Any]) -> Named:
    return Named(
        _text(user, "https://slack.com/team_id"),
        _text(user, "https://slack.com/user_id"),
        clean_text(str(user.get("name") or "")),
    )


def _discord(user: Mapping[str, Any]) -> Named:
    name = user.get("global_name") or user.get("username") or ""
    return Named("", _text(user, "id"), clean_text(str(name)))
