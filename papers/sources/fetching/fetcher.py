"""What sources fetch with."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.ports.coordination import Cache, RateLimiter
from papers.sources.fetching.site import Parameters, Response, Site

if TYPE_CHECKING:
    from papers.sources.fetching.client import Client

_LARGEST = 20 * 1024 * 1024


class Fetcher:
    """HTTP for sources.

    Each attempt waits for its source's turn. Transient failures are retried, with exponential random
    backoff. A `Retry-After` delays all who share the turns. A circuit breaker spares a failing source.
    """

    def __init__(
        self,
        limiter: RateLimiter,
        cache: Cache,
        *,
        contact: str = "",
        attempts: int = 3,
        seconds: float = 30.0,
        largest: int = _LARGEST,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Set the bounds of one attempt: `seconds` from its turn on, and `largest` decoded bytes.

        Every request names `contact`, so that a source can write to the operator instead of blocking the bot.
        """

        def make() -> "Client":
            # Its libraries take a third of a second to import. Most consoles never fetch anything.
            from papers.sources.fetching.client import Client  # noqa: PLC0415 - as just said

            return Client(
                limiter,
                cache,
                contact=contact,
                attempts=attempts,
                seconds=seconds,
                largest=largest,
                pause=pause,
            )

        self._make = make
        self._making = asyncio.Lock()
        self._client: Client | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()

    async def ask(
        self,
        site: Site,
        path: str,
        parameters: Parameters | None = None,
        *,
        body: object = None,
        refused: Callable[[Response], bool] = lambda _: False,
    ) -> Response:
        """Request a path of a site, or a whole URL; with a `body` by POST, as JSON.

        `refused` recognises a response that asks for fewer requests in spite of its status.

        Raises:
            SourceUnavailable: no usable response came, also after the retries.

        """
        async with self._making:
            if self._client is None:
                # In a thread, so that nobody's answer waits for the import.
                self._client = await asyncio.to_thread(self._make)
        return await self._client.ask(site, path, parameters, body=body, refused=refused)
