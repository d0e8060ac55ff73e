"""All sources at once, each on a port of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.servers.sources.arxiv import ArxivServer
from tests.servers.sources.huggingface import HuggingFaceServer
from tests.servers.sources.scholar import ScholarServer
from tests.servers.sources.works import CrossrefServer, OpenAlexServer


@dataclass
class Everywhere:
    huggingface: HuggingFaceServer = field(default_factory=HuggingFaceServer)
    arxiv: ArxivServer = field(default_factory=ArxivServer)
    semanticscholar: ScholarServer = field(default_factory=ScholarServer)
    openalex: OpenAlexServer = field(default_factory=OpenAlexServer)
    crossref: CrossrefServer = field(default_factory=CrossrefServer)
    urls: dict[str, str] = field(default_factory=dict)
    """Where each is, by its name."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Everywhere"]:
        fakes = {
            "huggingface": self.huggingface,
            "arxiv": self.arxiv,
            "semanticscholar": self.semanticscholar,
            "openalex": self.openalex,
            "crossref": self.crossref,
        }
        async with AsyncExitStack() as stack:
            for name, fake in fakes.items():
                server = await stack.enter_async_context(fake.server())
                self.urls[name] = str(server.make_url("")).rstrip("/")
            yield self

    @property
    def settings(self) -> dict[str, str]:
        """The settings by which the sources are found."""
        settings = {f"{name}_url": url for name, url in self.urls.items()}
        return settings | {"arxiv_rss_url": self.urls["arxiv"], "arxiv_site_url": self.urls["arxiv"]}
