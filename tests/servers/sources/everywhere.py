"""All sources at once, each on a port of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.sources.arxiv import ArxivServer
from tests.servers.sources.huggingface import HuggingFaceServer
from tests.servers.sources.openreview import OpenReviewServer
from tests.servers.sources.scholar import ScholarServer
from tests.servers.sources.works import CrossrefServer, OpenAlexServer


@dataclass
class Everywhere:
    huggingface: HuggingFaceServer = field(default_factory=HuggingFaceServer)
    arxiv: ArxivServer = field(default_factory=ArxivServer)
    semanticscholar: ScholarServer = field(default_factory=ScholarServer)
    openalex: OpenAlexServer = field(default_factory=OpenAlexServer)
    crossref: CrossrefServer = field(default_factory=CrossrefServer)
    openreview: OpenReviewServer = field(default_factory=OpenReviewServer)
    urls: dict[str, str] = field(default_factory=dict)
    """Where each is, by its name."""
    trouble: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(default_factory=dict)
    """What one does in place of answering, by its name."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nobody asks any more."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Everywhere"]:
        fakes = {
            "huggingface": self.huggingface,
            "arxiv": self.arxiv,
            "semanticscholar": self.semanticscholar,
            "openalex": self.openalex,
            "crossref": self.crossref,
            "openreview": self.openreview,
        }
        async with AsyncExitStack() as stack:
            for name, fake in fakes.items():
                server = fake.server()
                server.app.middlewares.append(self._in_trouble(name))
                await stack.enter_async_context(server)
                self.urls[name] = str(server.make_url("")).rstrip("/")
            stack.callback(self.over.set)
            yield self

    def _in_trouble(self, name: str) -> Any:
        @web.middleware
        async def answer(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            return await self.trouble.get(name, handler)(request)

        return answer

    @property
    def settings(self) -> dict[str, str]:
        """The settings by which the sources are found."""
        settings = {f"{name}_url": url for name, url in self.urls.items()}
        return settings | {"arxiv_rss_url": self.urls["arxiv"], "arxiv_site_url": self.urls["arxiv"]}
