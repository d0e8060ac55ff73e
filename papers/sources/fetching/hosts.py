"""Where requests may go: a source's to the address that the operator has set for it, others to listed hosts.

A redirect is a request of its own, so it leads nowhere else either.
"""

import ssl
from collections.abc import Iterable
from urllib.request import getproxies, proxy_bypass

import httpx
from httpx_secure import httpx_ssrf_protection

from papers.sources.fetching.turns import Ticket

PUBLIC_HOSTS = frozenset(
    {
        "aaai.org",
        "aclanthology.org",
        "acm.org",
        "alphaxiv.org",
        "ar5iv.org",
        "arxiv.org",
        "biorxiv.org",
        "cell.com",
        "doi.org",
        "elifesciences.org",
        "frontiersin.org",
        "hf.co",
        "huggingface.co",
        "ieee.org",
        "ijcai.org",
        "isca-archive.org",
        "isca-speech.org",
        "jair.org",
        "jmlr.org",
        "labs.arxiv.org",
        "mdpi.com",
        "medrxiv.org",
        "mlr.press",
        "nature.com",
        "neurips.cc",
        "nips.cc",
        "openreview.net",
        "oup.com",
        "plos.org",
        "pnas.org",
        "royalsocietypublishing.org",
        "sagepub.com",
        "science.org",
        "sciencedirect.com",
        "semanticscholar.org",
        "springer.com",
        "thecvf.com",
        "usenix.org",
        "wiley.com",
    }
)
"""Hosts of papers; what ends in one of them behind a dot belongs to it."""

_PORTS = {"http": 80, "https": 443}


class OffLimits(httpx.RequestError):
    """An address that requests may not go to."""


class Routes(httpx.AsyncBaseTransport):
    """Sends a request where it may go, and nowhere else.

    What goes to a listed host connects to public addresses alone, whatever names resolve to; that connection
    is httpx-secure's. What goes to an operator's address may go through the environment's proxies. Its Ticket
    says whom a request is for, so that a link that somebody gives does not lead there.
    """

    def __init__(self, own: Iterable[str]) -> None:
        """Take the addresses that the operator has set."""
        trusted = httpx.create_ssl_context()
        self._own = {_origin(httpx.URL(each)): _direct(each, trusted) for each in own}
        self._public = public_only(httpx.AsyncHTTPTransport(verify=trusted, trust_env=False))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            OffLimits: its address is neither its source's nor a listed host's.

        """
        ticket: Ticket = request.extensions["ticket"]
        origin = _origin(request.url)
        own = bool(ticket.site.base) and origin == _origin(httpx.URL(ticket.site.base))
        transport = self._own.get(origin) if own else None
        if transport is None:
            if not is_listed(request.url):
                raise OffLimits(f"{_host(request.url)} is no host that papers are fetched from")
            transport = self._public
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (*self._own.values(), self._public):
            await transport.aclose()


def is_listed(url: httpx.URL) -> bool:
    """Whether an address is a web page at a listed host, at its usual port."""
    host = _host(url).rstrip(".")
    usual = url.scheme in _PORTS and url.port in {None, _PORTS[url.scheme]} and "%" not in host
    return usual and any(host == each or host.endswith(f".{each}") for each in PUBLIC_HOSTS)


def public_only(transport: httpx.AsyncHTTPTransport) -> httpx.AsyncHTTPTransport:
    """Keep a transport from connecting to anything but public addresses."""
    httpx_ssrf_protection(httpx.AsyncClient(transport=transport, trust_env=False))
    return transport


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, _host(url), url.port or _PORTS.get(url.scheme)


def _host(url: httpx.URL) -> str:
    """Give the host as it is asked for; `url.host` decodes `xn--` names and raises for malformed ones."""
    return url.raw_host.decode("ascii").lower()


def _direct(url: str, trusted: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    address = httpx.URL(url)
    known = getproxies()
    proxy = known.get(address.scheme) or known.get("all")
    if proxy and proxy_bypass(address.host):
        proxy = None
    return httpx.AsyncHTTPTransport(verify=trusted, trust_env=False, proxy=proxy)
