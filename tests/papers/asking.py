"""A fetcher for a loopback server that waits for nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestServer

from papers.sources.fetching.fetcher import Fetcher
from storage.shared.cache import LocalCache
from storage.shared.rate_limits import LocalRateLimiter


@asynccontextmanager
async def asking(server: TestServer) -> AsyncIterator[tuple[Fetcher, str]]:
    async def pause(_: float) -> None:
        pass

    async with server:
        url = str(server.make_url(""))
        async with Fetcher(LocalRateLimiter(pause=pause), LocalCache(), pause=pause) as fetcher:
            yield fetcher, url
