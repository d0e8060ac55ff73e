"""The HTTP client behind the fetcher: it keeps to the sources' pace, retries, and bounds what it reads."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

import httpx
from hishel import CacheOptions
from hishel.httpx import AsyncCacheTransport
from httpx_secure import SSRFProtectionError
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from bot.domain.errors import SourceUnavailable, TooBusy
from bot.ports.coordination import Cache, RateLimiter
from papers.sources.fetching.bodies import CODING, BoundedBodies, TooLarge
from papers.sources.fetching.hosts import OffLimits, Routes
from papers.sources.fetching.responses import CachedResponses
from papers.sources.fetching.site import Parameters, Response, Site
from papers.sources.fetching.turns import PATIENCE, InTurn, Ticket

FAILURES = 6
"""Failures in a row after which a source is not requested for `REST` seconds."""
REST = 60.0

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_MALFORMED = (
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.TooManyRedirects,
    httpx.DecodingError,
    UnicodeError,  # httpx compares a redirect's host with ours, and a malformed xn-- name cannot be decoded
)


class _Transient(Exception):
    """A failure that may be over soon, so the request is retried."""


class Client:
    """HTTP for sources, as `Fetcher` describes it."""

    def __init__(
        self,
        limiter: RateLimiter,
        cache: Cache,
        *,
        contact: str,
        attempts: int,
        seconds: float,
        largest: int,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._limiter = limiter
        self._attempts = attempts
        self._seconds = seconds
        self._pause = pause
        # Other errors than transient ones say nothing of the source's health, and neither does our own end.
        self._breakers = AsyncCircuitBreakerFactory(
            FAILURES, REST, exclude=[SourceUnavailable, asyncio.CancelledError]
        )
        self._client = httpx.AsyncClient(
            headers={"User-Agent": _user_agent(contact), "Accept-Encoding": CODING},
            timeout=seconds,
            max_redirects=5,
            transport=BoundedBodies(
                AsyncCacheTransport(
                    InTurn(Routes(), limiter), CachedResponses(cache), CacheOptions(shared=False)
                ),
                largest,
            ),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def ask(
        self,
        site: Site,
        path: str,
        parameters: Parameters | None,
        *,
        body: object,
        refused: Callable[[Response], bool],
    ) -> Response:
        """Request a path of a site, as `Fetcher.ask` does."""
        tries = AsyncRetrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_random_exponential(multiplier=1, max=10),
            retry=retry_if_exception_type(_Transient),
            sleep=self._pause,
            reraise=True,
        )
        breaker = await self._breakers.get_breaker(site.name)
        try:
            async for attempt in tries:
                with attempt:
                    is_retry = attempt.retry_state.attempt_number > 1
                    async with breaker:
                        request = self._request(site, path, parameters, body, is_retry=is_retry)
                        answer = await self._attempt(site, request)
                        _retry_if(refused(answer))
        except _Transient as failure:
            raise SourceUnavailable(site.name, str(failure)) from None
        except OpenedState:
            raise SourceUnavailable(
                site.name, f"it failed {FAILURES} times in a row, so it is left alone for a while"
            ) from None
        return answer

    def _request(
        self,
        site: Site,
        path: str,
        parameters: Parameters | None,
        body: object,
        *,
        is_retry: bool,
    ) -> httpx.Request:
        """Build a request. A retry makes the cache revalidate: what it has may be the very failure."""
        headers = {**site.headers, "Cache-Control": "no-cache"} if is_retry else dict(site.headers)
        try:
            return self._client.build_request(
                "GET" if body is None else "POST",
                path if "://" in path else f"{site.base.rstrip('/')}{path}",
                params={**site.parameters, **(parameters or {})} or None,
                headers=headers,
                json=body,
            )
        except (httpx.InvalidURL, UnicodeError) as error:  # UnicodeError: a malformed xn-- name
            raise SourceUnavailable(site.name, f"its address cannot be read ({error})") from None

    async def _attempt(self, site: Site, request: httpx.Request) -> Response:
        try:
            async with asyncio.timeout(None) as bound:
                request.extensions["ticket"] = Ticket(site, bound, self._seconds)
                # Whatever carries a key follows no redirect, which could take the key to another host.
                response = await self._client.send(
                    request, stream=True, follow_redirects=not (site.headers or site.parameters)
                )
                try:
                    await self._hold(site, response)
                    body = await response.aread()
                finally:
                    await response.aclose()
        except TooBusy as busy:
            raise SourceUnavailable(site.name, f"it may be asked in {busy.seconds:.0f} seconds") from None
        except (TimeoutError, httpx.TimeoutException):
            raise _Transient("it took too long to answer") from None
        except (OffLimits, SSRFProtectionError) as error:
            raise SourceUnavailable(site.name, f"it leads where nothing is fetched from ({error})") from None
        except TooLarge as error:
            raise SourceUnavailable(site.name, str(error)) from None
        except _MALFORMED as error:
            raise SourceUnavailable(site.name, f"its address or answer cannot be read ({error})") from None
        except httpx.TransportError as error:
            raise _Transient(f"it cannot be reached ({error or type(error).__name__})") from None
        return Response(
            site.name,
            response.status_code,
            body,
            response.links.get("next", {}).get("url"),
            response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        )

    async def _hold(self, site: Site, response: httpx.Response) -> None:
        """Delay all who share the turns if the source asks for it. Raises for what is to be retried."""
        wait = _requested_wait(response.headers)
        if wait is not None:
            await self._limiter.hold(site.name, wait)
        if response.status_code in _RETRIED:
            if wait is not None and wait > PATIENCE:
                raise SourceUnavailable(site.name, f"it asks to come back in {wait:.0f} seconds")
            raise _Transient(f"it answered {response.status_code} {response.reason_phrase}".rstrip())


def _user_agent(contact: str) -> str:
    try:
        name = f"paperclub/{version('paperclub')}"
    except PackageNotFoundError:
        name = "paperclub"
    return f"{name} (mailto:{contact})" if contact else name


def _retry_if(refused: bool) -> None:
    if refused:
        raise _Transient("it asks for fewer requests")


def _requested_wait(headers: httpx.Headers) -> float | None:
    """Return the seconds that a source asks to wait, by `Retry-After` or a used-up `RateLimit`."""
    limits = dict(part.strip().partition("=")[::2] for part in headers.get("RateLimit", "").split(";"))
    if limits.get("r") == "0" and limits.get("t", "").isdecimal():
        return float(limits["t"])
    return _seconds(headers.get("Retry-After", ""))


def _seconds(retry_after: str) -> float | None:
    """Parse a `Retry-After`: a number of seconds or a date."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
