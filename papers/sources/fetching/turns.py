"""Requests wait for their source's turn, and hold it until their answer is read."""

from asyncio import Timeout, get_running_loop
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from bot.ports.coordination import RateLimiter
from papers.sources.fetching.site import Site

PATIENCE = 60.0
"""Seconds that a request waits for its turn, and as long as it waits where a source asks to."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a request has with it: whom it asks, and the bound on its time, which begins with its turn."""

    site: Site
    bound: Timeout
    seconds: float


class InTurn(httpx.AsyncBaseTransport):
    """Sends requests, which carry a Ticket as the extension `ticket`, when it is their turn."""

    def __init__(self, inner: httpx.AsyncBaseTransport, limiter: RateLimiter) -> None:
        self._inner = inner
        self._limiter = limiter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait and send.

        Raises:
            TooBusy: too many wait already.

        """
        ticket: Ticket = request.extensions["ticket"]
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._limiter.turn(ticket.site.name, ticket.site.pace, PATIENCE))
            ticket.bound.reschedule(get_running_loop().time() + ticket.seconds)
            response = await self._inner.handle_async_request(request)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            response.stream = _Held(response.stream, stack.pop_all())
            return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _Held(httpx.AsyncByteStream):
    """An answer that ends its turn when it is closed."""

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
