"""Requests wait for their source's turn, and end it once the response is closed."""

from asyncio import Timeout, get_running_loop
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from bot.ports.coordination import RateLimiter
from papers.sources.fetching.site import Site

PATIENCE = 60.0
"""Most seconds that a request waits for its turn, and for a `Retry-After`."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Travels with a request: its site, and its time limit in seconds, which starts with its turn."""

    site: Site
    bound: Timeout
    seconds: float


class InTurn(httpx.AsyncBaseTransport):
    """A transport that sends each request when its turn comes. The extension `ticket` has its Ticket.

    It sits below the cache, so that a response from the cache costs no turn.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, limiter: RateLimiter) -> None:
        self._inner = inner
        self._limiter = limiter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the turn and send.

        Raises:
            TooBusy: the turn would not come within `PATIENCE`.

        """
        ticket: Ticket = request.extensions["ticket"]
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._limiter.turn(ticket.site.name, ticket.site.pace, PATIENCE))
            ticket.bound.reschedule(get_running_loop().time() + ticket.seconds)
            response = await self._inner.handle_async_request(request)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            response.stream = _EndingTurn(response.stream, stack.pop_all())
            return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _EndingTurn(httpx.AsyncByteStream):
    """A body that ends its turn when it is closed."""

    def __init__(self, inner: httpx.AsyncByteStream, turn: AsyncExitStack) -> None:
        self._inner = inner
        self._turn = turn

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._inner:
            yield part

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            await self._turn.aclose()
