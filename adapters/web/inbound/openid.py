"""Signing in by Slack or Discord: off to the platform, and back with its code."""

import base64
import hmac
import secrets
from hashlib import sha256
from urllib.parse import quote, unquote

from starlette.responses import Response

from adapters.web.inbound.forms import own_path
from adapters.web.inbound.site import NotFound, Visit
from adapters.web.limits import FIELD_LENGTH, SIGN_IN_SECONDS
from adapters.web.outbound.openid import Provider, identify
from adapters.web.outbound.responses import redirect
from bot.domain.errors import UserError

_SIGNED_IN_ELSEWHERE = "This sign-in has to end in the browser that it was begun in, within ten minutes."


async def leave(visit: Visit) -> Response:
    """Send the browser to the platform. What comes back is bound to a cookie of this browser."""
    provider, secret = _provider(visit), secrets.token_urlsafe(32)
    response = redirect(
        provider.address(
            _redirect_uri(visit, provider),
            _derived(secret, "state"),
            _derived(secret, "nonce"),
            _challenge(_derived(secret, "verifier")),
        )
    )
    then = own_path(visit.request.query_params.get("next", "/"))
    response.set_cookie(
        _cookie(visit, provider),
        f"{secret}.{quote(then, safe='')}",
        max_age=SIGN_IN_SECONDS,
        path="/",
        secure=_is_secure(visit),
        httponly=True,
        samesite="lax",  # strict would keep it from the way back, which begins at the platform
    )
    return response


async def back(visit: Visit) -> Response:
    """Sign in whoever the platform says it is."""
    provider = _provider(visit)
    query = visit.request.query_params
    secret, _, then = visit.request.cookies.get(_cookie(visit, provider), "").partition(".")
    state = query.get("state", "").encode()
    if not secret or not hmac.compare_digest(_derived(secret, "state").encode(), state):
        return visit.say("Not signed in", [_SIGNED_IN_ELSEWHERE], 400)
    code = query.get("code", "")[:FIELD_LENGTH]
    try:
        named = await identify(
            provider,
            code,
            _redirect_uri(visit, provider),
            _derived(secret, "nonce"),
            _derived(secret, "verifier"),
        )
    except UserError as error:
        response = visit.say("Not signed in", [str(error)], 400)
    else:
        services = visit.site.services
        identity = services.accounts.identity(provider.platform, named.workspace, named.person, named.name)
        async with services.store.writing() as tx:
            account_id = await tx.accounts.ensure(identity, services.clock.now())
        response = redirect(own_path(unquote(then)))
        await visit.site.readers.sign_in(response, account_id)
    response.delete_cookie(
        _cookie(visit, provider), path="/", secure=_is_secure(visit), httponly=True, samesite="lax"
    )
    return response


def _provider(visit: Visit) -> Provider:
    name = visit.request.path_params["platform"]
    for each in visit.site.services.providers:
        if each.platform == name:
            return each
    raise NotFound


def _cookie(visit: Visit, provider: Provider) -> str:
    """Return a name for each platform: one's way back must not end the other's sign-in."""
    # A name with this prefix can only be set by this host, over https.
    prefix = "__Host-" if _is_secure(visit) else ""
    return f"{prefix}paperclub_openid_{provider.platform}"


def _is_secure(visit: Visit) -> bool:
    return visit.site.services.public_url.startswith("https:")


def _redirect_uri(visit: Visit, provider: Provider) -> str:
    return f"{visit.site.services.public_url.rstrip('/')}/sign-in/{provider.platform}/back"


def _derived(secret: str, purpose: str) -> str:
    """Return one of the texts that only this browser's cookie leads to."""
    return hmac.new(secret.encode(), purpose.encode(), sha256).hexdigest()


def _challenge(verifier: str) -> str:
    """Return what PKCE shows of the verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
