"""One polite client for all sources: it waits its turn, comes back when asked to and bounds what it reads."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from bot.errors import SourceUnavailable

_LARGEST = 20 * 1024 * 1024
_LONGEST_WAIT = 60.0
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered; `next_page` is the address that its `Link: rel="next"` gives."""

    status: int
    body: bytes
    next_page: str | None = None


@dataclass(slots=True)
class _Turn:
    """Whose turn it is at one source: one request at a time, and the moment before which none may begin."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class _Passing(Exception):
    """Something that may be over soon; `wait` is what the source asked for."""

    def __init__(self, detail: str, wait: float | None = None) -> None:
        super().__init__(detail)
        self.wait = wait


class PoliteClient:
    """HTTP for sources. `pause` and `clock` are given by tests, so that nobody has to wait."""

    def __init__(
        self,
        *,
        attempts: int = 3,
        seconds: float = 20.0,
        largest: int = _LARGEST,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._attempts = attempts
        self._largest = largest
        self._pause = pause
        self._clock = clock
        self._turns: dict[str, _Turn] = {}
        self._client = httpx.AsyncClient(
            headers={"User-Agent": _user_agent()}, timeout=seconds, follow_redirects=True, max_redirects=3
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(
        self,
        source: str,
        url: str,
        parameters: Mapping[str, str | int] | None = None,
        *,
        interval: float = 0.0,
        refused: Callable[[Answer], bool] = lambda _: False,
    ) -> Answer:
        """Ask a source, at most once in `interval` seconds.

        `refused` tells an answer with a good status that means "later" all the same.

        Raises:
            SourceUnavailable: it gave no answer that can be used, also after some patience.

        """
        tries = AsyncRetrying(
            stop=stop_after_attempt(self._attempts),
            wait=_wait,
            retry=retry_if_exception_type(_Passing),
            sleep=self._pause,
            reraise=True,
        )
        try:
            async for attempt in tries:
                with attempt:
                    async with self._turn(source, interval):
                        answer = await self._once(source, url, parameters)
                    _raise_if(refused(answer))
        except _Passing as passing:
            raise SourceUnavailable(source, str(passing)) from None
        return answer

    async def _once(self, source: str, url: str, parameters: Mapping[str, str | int] | None) -> Answer:
        try:
            async with self._client.stream("GET", url, params=parameters) as response:
                _raise_for_passing(source, response)
                body = await self._bounded(source, response)
        except httpx.TimeoutException:
            raise _Passing("it took too long to answer") from None
        except (
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
            httpx.TooManyRedirects,
            httpx.DecodingError,
        ) as error:
            raise SourceUnavailable(source, f"its address or answer cannot be read ({error})") from None
        except httpx.TransportError as error:
            raise _Passing(f"it cannot be reached ({error or type(error).__name__})") from None
        return Answer(response.status_code, body, response.links.get("next", {}).get("url"))

    async def _bounded(self, source: str, response: httpx.Response) -> bytes:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > self._largest:
                raise SourceUnavailable(source, f"its answer is larger than {self._largest:,} bytes")
        return bytes(body)

    @asynccontextmanager
    async def _turn(self, source: str, interval: float) -> AsyncIterator[None]:
        turn = self._turns.setdefault(source, _Turn())
        async with turn.lock:
            early = turn.free_at - self._clock()
            if early > 0:
                await self._pause(early)
            try:
                yield
            finally:
                turn.free_at = self._clock() + interval


def _user_agent() -> str:
    try:
        return f"paperclub/{version('paperclub')}"
    except PackageNotFoundError:
        return "paperclub"


def _raise_if(refused: bool) -> None:
    if refused:
        raise _Passing("it asks for fewer requests")


def _raise_for_passing(source: str, response: httpx.Response) -> None:
    if response.status_code not in _TRY_AGAIN:
        return
    wait = _seconds(response.headers.get("Retry-After", ""))
    if wait is not None and wait > _LONGEST_WAIT:
        raise SourceUnavailable(source, f"it asks to come back in {wait:.0f} seconds")
    raise _Passing(f"it answered {response.status_code} {response.reason_phrase}".rstrip(), wait)


def _seconds(retry_after: str) -> float | None:
    """Read a `Retry-After`, which is a number of seconds or a date."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


_backing_off = wait_random_exponential(multiplier=1, max=10)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, _Passing) else None
    return _backing_off(state) if asked is None else asked
