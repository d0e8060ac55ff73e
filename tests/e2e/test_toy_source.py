"""A new source is one class and one line: here the class is a toy, and the line is the `toy` fixture."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from app import sources
from app.intake import fetch_span
from bot.domain import source
from bot.domain.identifiers import Identifier, parse
from bot.domain.merging import order_of, origin
from bot.domain.paper import Details, PaperDraft
from bot.domain.source import SourceDay, SourceInfo, SourceState
from bot.ports.coordination import Pace
from papers.sources.days import day_of
from papers.sources.fetching.fetcher import Fetcher
from papers.sources.fetching.site import Site
from tests.e2e.conftest import MONDAY, World

DAY = MONDAY.date()
LINK = "https://doi.org/10.5555/toy"
NAME = parse(LINK)
TITLE = "Toys of the Bronze Age"


class Toys:
    """An archive and catalogue whose records stand between Hugging Face's and Crossref's."""

    info = SourceInfo(
        "toys", "The Toy Museum", 25, field_precedence={"venue": 0}, identifies=True, watched=True
    )
    name = info.name
    reach = None
    settles = 0
    daily = True

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self._fetcher = fetcher
        self._site = Site(self.name, base_url, Pace(0.0))

    async def listed_on(self, day: date) -> SourceDay:
        return await self.listed_in(day, day)

    async def listed_in(self, first: date, last: date) -> SourceDay:
        return day_of(await self.search("", 1) if first <= DAY <= last else [], "")

    async def search(self, words: str, limit: int) -> list[PaperDraft]:
        answer = await self._fetcher.ask(self._site, "/papers", {"q": words, "limit": limit})
        return [_draft(title, self.name, venue="Toys") for title in answer.body.decode().splitlines()]

    async def fetch(self, identifiers: list[Identifier]) -> list[PaperDraft]:
        return [each for each in await self.search("", 1) if each.identifiers & set(identifiers)]

    async def find_by_title(self, title: str) -> PaperDraft | None:
        return next((each for each in await self.search(title, 1) if each.title == title), None)


def _draft(title: str, name: str, **details: str) -> PaperDraft:
    assert NAME is not None
    return PaperDraft(title, "Toys.", name, identifiers=frozenset({NAME}), details=Details(**details))


@pytest.fixture(autouse=True)
async def toys(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    async def papers(_: web.Request) -> web.Response:
        return web.Response(text=TITLE)

    application = web.Application()
    application.router.add_get("/papers", papers)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(application))
        url = str(server.make_url(""))
        monkeypatch.setitem(sources.SOURCES, Toys, lambda fetcher, _: Toys(fetcher, url))
        monkeypatch.setitem(source._registry, Toys.name, Toys.info)
        yield


async def test_it_is_polled_and_its_paper_shown(world: World) -> None:
    await world.parts.ingest.round()
    async with world.parts.store.reading() as tx:
        polls = {each.name: each for each in await tx.source_polls.all()}
        runs = {each.source: each for each in await tx.source_runs.latest()}
    assert (polls["toys"].error, polls["check:toys"].error) == ("", "")
    assert (runs["toys"].day, runs["toys"].state) == (DAY, SourceState.COMPLETE)
    card = await world.person("ada").says(f"show {LINK}")
    assert (card.paper.title, card.paper.source) == (TITLE, "toys")


async def test_it_is_fetched_and_asked_for_by_name(world: World) -> None:
    listed, report = await fetch_span(world.parts, "toys", DAY, DAY, Console(quiet=True))
    assert (listed.state, report.text) == (SourceState.COMPLETE, "1 paper: 1 new, 0 updated, 0 known already")
    card = await world.person("ada").says(f"add {LINK}")
    assert (card.paper.title, card.note) == (TITLE, "It was here already.")


async def test_it_is_merged_by_its_precedence_and_shown_under_its_label(world: World) -> None:
    assert order_of()[2:5] == ("huggingface", "toys", "crossref")
    better = _draft("Toys in the Bronze Age", "huggingface")
    await world.parts.library.add([_draft("Bronze Toys", "crossref", venue="Elsewhere"), better])
    await fetch_span(world.parts, "toys", DAY, DAY, Console(quiet=True))
    card = await world.person("ada").says(f"show {LINK}")
    assert (card.paper.title, card.paper.details.venue) == ("Toys in the Bronze Age", "Toys")
    assert origin(card.paper, "venue") == "toys"
    assert "From Hugging Face; venue from The Toy Museum" in " ".join(world.shown.split())
