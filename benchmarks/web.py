"""Measure the web page under load: `python benchmarks/web.py [PAPERS [FOLDER]]`.

200 signed-in requests at once, over HTTP on this computer, to a bot over a SQLite file. Each page stands
beside what it cannot do without, in the same process and the same rounds: `/trending` beside the same
template and values rendered from memory behind the same server, `/search` beside the bare `search` command,
as many at once without HTTP. Rounds alternate; the table has the median and the 99th percentile over all
rounds. Papers get unit vectors at random, as encoding is not what is measured; queries are encoded, and every
query is another one. Each request opens a connection of its own, and writes and reads it without a library:
clients in the same process take their time from the server's. With a FOLDER, the filled database stays there
for the next run.
"""

import asyncio
import gzip
import itertools
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from vector_cache import CachedMiniLM, arxiv

from adapters.common.conversation import CollectedReplies
from adapters.console import CONSOLE
from adapters.console.outbound.history import History
from adapters.console.outbound.screen import Screen, recorder
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.user import ConsoleUser
from adapters.web.inbound import site
from adapters.web.outbound import responses
from adapters.web.render.engine import draw
from app.clock import SystemClock
from app.doors import web_page
from app.http.server import served
from app.settings import Settings
from app.wiring import Parts, assembled, console_record
from bot.conversation.accounts import hash_of
from bot.domain.paper import text_hash
from bot.protocol.events import CommandInvoked
from bot.protocol.replies import Notice, SearchResults
from papers.text import sentences
from papers.vectors import normalised, pack

PAPERS = 50_000
TOGETHER = 200
ROUNDS = 5
STORED_AT_ONCE = 1000
DAYS = 60
"""The papers are listed over so many days."""
TABLE = "| | p50, ms | p99, ms | p99 as a ratio |\n| --- | --- | --- | --- |"


class Scattered(CachedMiniLM):
    """Gives papers unit vectors at random, one for each and one for its title and each sentence."""

    def __init__(self) -> None:
        super().__init__()
        self._random = np.random.default_rng(0)

    async def papers(self, texts: Sequence[tuple[str, str]]) -> list[bytes]:
        """Return papers' vectors."""
        return [self._scattered(1 + len(sentences(abstract))) for _, abstract in texts]

    def _scattered(self, parts: int) -> bytes:
        rows = normalised(self._random.standard_normal((parts + 1, self.dimensions), np.float32))
        return pack(rows[0], rows[1:])


class Memory:
    """Keeps the template and the values of the last page, to render them again."""

    def __init__(self) -> None:
        self.kept: tuple[str, Mapping[str, Any]] | None = None

    def draw(self, template: str, values: Mapping[str, Any]) -> str:
        """Render a page as the site does, and keep what it was made of."""
        self.kept = template, values
        return draw(template, values)

    async def answer(self, request: Request) -> Response:
        """Answer with the kept page, rendered anew."""
        assert self.kept is not None
        return responses.page(request, draw(*self.kept), 200, keep=True)


def queries() -> Iterator[str]:
    """Yield queries of words from titles, none twice."""
    titles = [draft.title.split() for draft in arxiv(5000)]
    for number in itertools.count():
        words = [titles[(number * step) % len(titles)] for step in (1, 7, 31)]
        yield f"{' '.join(word for title in words for word in title[:2])} {number}"


async def fill(parts: Parts, number: int) -> None:
    """Import the papers, unless they are there."""
    await parts.library.refresh()
    async with parts.store.reading() as tx:
        if await tx.papers.count() >= number:
            return
    now = parts.clock.now()
    drafts = (
        replace(draft, listed=now.date() - timedelta(days=place % DAYS), upvotes=place % 97)
        for place, draft in enumerate(arxiv(number))
    )
    # Straight into the tables: each is a paper of its own, and to look that up takes several times as long.
    while batch := list(itertools.islice(drafts, STORED_AT_ONCE)):
        texts = {text_hash(draft.title, draft.abstract): (draft.title, draft.abstract) for draft in batch}
        made = dict(zip(texts, await parts.embedder.papers(list(texts.values())), strict=True))
        async with parts.store.writing() as tx:
            await tx.paper_rows.lock()
            for draft in batch:
                await tx.paper_rows.insert(draft, now)
            await tx.embeddings.put(parts.embedder.name, made)
    await parts.library.refresh()


async def signed_in(parts: Parts) -> str:
    """Return the secret of a session."""
    user = ConsoleUser("ada")
    await parts.bot.receive(CommandInvoked(origin=user.origin, name="help"), CollectedReplies())
    secret = secrets.token_urlsafe(32)
    now = parts.clock.now()
    async with parts.store.writing() as tx:
        await tx.directory.resolve(user.origin, now)
        account = await tx.accounts.ensure(parts.accounts.identity(CONSOLE, "console", "ada", "ada"), now)
        await tx.accounts.open_session(hash_of(secret), account, now, now + timedelta(days=1))
    return secret


async def timed(requests: list[Callable[[], Awaitable[None]]]) -> list[float]:
    """Make all requests at once. Returns the seconds that each took."""

    async def one(request: Callable[[], Awaitable[None]]) -> float:
        start = time.perf_counter()
        await request()
        return time.perf_counter() - start

    return await asyncio.gather(*map(one, requests))


async def main(number: int, kept: str = "") -> None:
    """Fill a database, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(kept or folder))
        surface = ConsoleSurface(History(console_record(settings)), Screen(recorder()), SystemClock())
        embedder = Scattered()
        async with assembled(settings, {CONSOLE: surface}, embedder=embedder) as parts:
            await fill(parts, number)
            memory, asked = Memory(), queries()
            site.draw = memory.draw  # type: ignore[attr-defined]  # the page's own import of the function
            routes = [Route("/memory", memory.answer), *web_page(settings, parts)]
            cookie = f"paperclub_session={await signed_in(parts)}"
            async with served("127.0.0.1", 0, routes) as port:
                await measure(parts, port, cookie, asked)
        embedder.close()


async def get(port: int, path: str, cookie: str) -> bytes:
    """Return the body of a page, compressed as a browser gets it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n"
    writer.write(f"{head}Cookie: {cookie}\r\n\r\n".encode())
    answer = await reader.read(-1)
    writer.close()
    headers, _, body = answer.partition(b"\r\n\r\n")
    assert headers.startswith(b"HTTP/1.1 200 "), answer[:500]
    return body


async def measure(parts: Parts, port: int, cookie: str, asked: Iterator[str]) -> None:
    """Measure all ways in turn."""
    origin = ConsoleUser("ada").origin

    async def page(path: str) -> None:
        last[path] = await get(port, path, cookie)

    last: dict[str, bytes] = {}

    async def bare(query: str) -> None:
        conversation = CollectedReplies()
        event = CommandInvoked(origin=origin, name="search", arguments={"query": query})
        await parts.bot.receive(event, conversation)
        assert isinstance(conversation.replies[-1], SearchResults | Notice), conversation.replies

    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "trending": lambda: page("/trending"),
        "the same template from memory": lambda: page("/memory"),
        "search": lambda: page(f"/search?q={quote_plus(next(asked))}"),
        "the bare command": lambda: bare(next(asked)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(ROUNDS + 1):
        for name, request in ways.items():
            taken = await timed([request] * (TOGETHER if round_number else 2))
            if round_number:  # the first warms up
                seconds[name] += taken
            assert all(b">ada<" in gzip.decompress(body) for body in last.values()), "somebody is signed in"
            last.clear()
    print(TABLE)
    p99 = {name: statistics.quantiles(each, n=100)[98] for name, each in seconds.items()}
    beside = {"trending": "the same template from memory", "search": "the bare command"}
    for name, each in seconds.items():
        ratio = f"{p99[name] / p99[beside[name]]:.2f}" if name in beside else ""
        print(f"| {name} | {statistics.median(each) * 1e3:.0f} | {p99[name] * 1e3:.0f} | {ratio} |")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS, *sys.argv[2:3]))
