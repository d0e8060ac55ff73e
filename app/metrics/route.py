"""`/metrics` over HTTP, and who may read it."""

import secrets
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.metrics.database import DatabaseCollector
from app.metrics.prometheus import PrometheusMetrics

PATH = "/metrics"
FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
"""Headers with which proxies say for whom they ask, beside those that begin with `X-Forwarded`."""
_SETTING = "PAPERCLUB_METRICS_TOKEN"
_HOW = f"send the header “Authorization: Bearer TOKEN” with the token of the setting {_SETTING}."
NO_TOKEN = f"Programs on this computer may read the metrics. From elsewhere, or through a proxy, {_HOW}"
WRONG_TOKEN = f"That is not the token. To read the metrics, {_HOW}"
NOT_SET = (
    "Only programs on this computer may read the metrics, and not through a proxy. "
    f"To read them from elsewhere, set {_SETTING} where the bot runs."
)


def metrics_route(metrics: PrometheusMetrics, database: DatabaseCollector, token: str) -> Route:
    """Make the route. Without a token, it answers nobody but programs on this computer."""

    async def answer(request: Request) -> Response:
        refusal = _refusal(request, token)
        if refusal is not None:
            return refusal
        await database.refresh()
        encode, media_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(metrics.registry), headers={"Content-Type": media_type})

    return Route(PATH, answer)


def _refusal(request: Request, token: str) -> Response | None:
    """Say why a request is not answered. None: it is."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        fits = scheme.lower() == "bearer" and _is_token(given.strip(), token)
        return None if fits else PlainTextResponse(WRONG_TOKEN if token else NOT_SET, 403)
    if _is_from_here(request):
        return None
    if not token:
        return PlainTextResponse(NOT_SET, 403)
    return PlainTextResponse(NO_TOKEN, 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})


def _is_token(given: str, token: str) -> bool:
    """Compare in constant time, so that nobody finds the token letter by letter."""
    # Headers are read as Latin-1, whatever bytes they are.
    return bool(token) and secrets.compare_digest(given.encode("latin-1"), token.encode())


def _is_from_here(request: Request) -> bool:
    """Whether a program on this computer asks for itself.

    What a proxy on this computer passes on comes from here as well, but says for whom. The Host is looked at
    too: a proxy may keep that of its caller, and a page in a browser here may be made to ask under its own.
    """
    names = {name.lower() for name in request.headers}
    if names & FORWARDED or any(name.startswith("x-forwarded") for name in names):
        return False
    return request.client is not None and _is_loopback(request.client.host) and _is_local_host(request)


def _is_local_host(request: Request) -> bool:
    try:
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:  # such as an open bracket
        return False
    return host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
