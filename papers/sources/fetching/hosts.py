"""Where requests may go: a source's to its own address, all others to listed public hosts.

A redirect is a request of its own, so the same rules hold for it.
"""

import ssl
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
"""Hosts of papers, with all their subdomains."""

_Origin = tuple[str, str, int | None]
"""Scheme, host and port."""
_PORTS = {"http": 80, "https": 443}


class OffLimits(httpx.RequestError):
    """The address is neither its source's nor at a listed host."""


class Routes(httpx.AsyncBaseTransport):
    """Sends a request where it may go, and refuses all others.

    A source's own address comes from its code or from the operator's settings, so it may be any, also a
    private one or one behind the environment's proxy. A link that a person gives has a Site without a base.
    It reaches listed hosts alone, and only if they resolve to public addresses, which httpx-secure ensures.
    """

    def __init__(self) -> None:
        self._trusted = httpx.create_ssl_context()
        self._own: dict[_Origin, httpx.AsyncHTTPTransport] = {}
        self._public = public_only(httpx.AsyncHTTPTransport(verify=self._trusted, trust_env=False))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            OffLimits: its address is neither its source's nor a listed host's.

        """
        ticket: Ticket = request.extensions["ticket"]
        if ticket.site.base and _origin(request.url) == _origin(httpx.URL(ticket.site.base)):
            return await self._own_transport(request.url).handle_async_request(request)
        if not is_listed(request.url):
            raise OffLimits(f"{_host(request.url)} is no host that papers are fetched from")
        return await self._public.handle_async_request(request)

    def _own_transport(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        origin = _origin(url)
        if origin not in self._own:
            self._own[origin] = _direct(url, self._trusted)
        return self._own[origin]

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (*self._own.values(), self._public):
            await transport.aclose()


def is_listed(url: httpx.URL) -> bool:
    """Whether an address is at a listed host and at the usual port of its scheme."""
    host = _host(url).rstrip(".")
    usual = url.scheme in _PORTS and url.port in {None, _PORTS[url.scheme]} and "%" not in host
    return usual and any(host == each or host.endswith(f".{each}") for each in PUBLIC_HOSTS)


def public_only(transport: httpx.AsyncHTTPTransport) -> httpx.AsyncHTTPTransport:
    """Make a transport refuse all addresses that are not public.

    The name is resolved once, and the connection goes to the address that was checked. A name that resolves
    to a private address the second time (DNS rebinding) therefore gains nothing.
    """
    httpx_ssrf_protection(httpx.AsyncClient(transport=transport, trust_env=False))
    return transport


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, _host(url), url.port or _PORTS.get(url.scheme)


def _host(url: httpx.URL) -> str:
    """Return the host as it was written. `url.host` decodes `xn--` names and raises for malformed ones."""
    return url.raw_host.decode("ascii").lower()


def _direct(url: httpx.URL, trusted: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    known = getproxies()
    proxy = known.get(url.scheme) or known.get("all")
    if proxy and proxy_bypass(url.host):
        proxy = None
    return httpx.AsyncHTTPTransport(verify=trusted, trust_env=False, proxy=proxy)
